using Anatomic.Wire.Network;

namespace Anatomic.Federation.Sharing;

/// <summary>A batch for one partner while it is being filled.</summary>
internal sealed class BatchBuilder(Partner partner)
{
    private readonly List<PeerShare> shares = [];
    private int bytes;

    public IReadOnlyList<PeerShare> Shares => shares;

    /// <summary>Adds an order's shares, which are under way then; false: the batch is full.</summary>
    public bool TryAdd(IReadOnlyCollection<PeerShare> more)
    {
        var size = more.Sum(SizeOf);
        if (
            shares.Count + more.Count > NetworkLimits.MaxShares
            || (shares.Count > 0 && bytes + size > SharingLimits.BatchFillBytes)
        )
        {
            return false;
        }
        bytes += size;
        foreach (var share in more)
        {
            shares.Add(share);
            partner.UnderWay.Add((share.Order, share.Swarm));
        }
        return true;
    }

    private static int SizeOf(PeerShare share) => 120 + (share.Peers.Count * 19) + (share.Gone.Count * 18);
}
