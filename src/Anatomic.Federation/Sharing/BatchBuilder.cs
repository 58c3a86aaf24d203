using Anatomic.Wire;
using Anatomic.Wire.Network;

namespace Anatomic.Federation.Sharing;

/// <summary>Collects the shares of one batch for one partner, up to the size limit.</summary>
internal sealed class BatchBuilder(Partner partner)
{
    // Estimates of the bencoded size; MaxBatchFillBytes leaves room for their error.
    private const int ShareBytes = 120;
    private const int PeerBytes = 19;
    private const int GoneBytes = 18;

    private readonly List<PeerShare> shares = [];
    private int bytes;

    public IReadOnlyList<PeerShare> Shares => shares;

    /// <summary>Adds the shares of one order and marks them as in flight; false when the batch is full.</summary>
    public bool TryAdd(IReadOnlyCollection<PeerShare> added)
    {
        var size = added.Sum(SizeOf);
        if (
            shares.Count + added.Count > NetworkLimits.MaxShares
            || (shares.Count > 0 && bytes + size > FederationLimits.MaxBatchFillBytes)
        )
        {
            return false;
        }
        bytes += size;
        foreach (var share in added)
        {
            shares.Add(share);
            partner.InFlight.Add((share.Order, share.Swarm));
        }
        return true;
    }

    private static int SizeOf(PeerShare share) =>
        ShareBytes + (share.Peers.Count * PeerBytes) + (share.Gone.Count * GoneBytes);
}
