using Anatomic.Federation;
using Anatomic.Federation.Orders;
using Anatomic.Federation.Sharing;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;

namespace Anatomic.Bench.Gate;

/// <summary>
/// A node with many orders. Each is from a different planter, for a different torrent, and names the maximum number of
/// candidates. None of the candidates has sent anything yet.
/// </summary>
internal sealed class RetainedOrders : ITrackedSwarms
{
    /// <summary>The size of the network from which the candidates of the orders are chosen.</summary>
    private const int Nodes = 1000;

    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddYears(57);

    private readonly PlantLedger ledger = new(epoch: 1, seed: 1);
    private readonly PeerSharingState sharing;

    public RetainedOrders(int count)
    {
        sharing = new PeerSharingState(NodeOf(0), new NetworkOptions(), this, ledger);
        for (var order = 1; order <= count; order++)
        {
            sharing.Add(ledger.Put(EntryOf(order)), Now);
        }
    }

    void ITrackedSwarms.Admit(Hash20 swarm) { }

    void ITrackedSwarms.Withdraw(Hash20 swarm) { }

    int ITrackedSwarms.DrainChanges(Span<SwarmChange> into) => 0;

    int ITrackedSwarms.Snapshot(Hash20 swarm, Span<SwarmPeer> into) => 0;

    SwarmTotals ITrackedSwarms.Totals(Hash20 swarm) => default;

    DateTimeOffset ITrackedSwarms.LastAnnounce(Hash20 swarm) => Now;

    void ITrackedSwarms.AddShared(
        Hash20 swarm,
        Hash32 partner,
        ReadOnlySpan<SwarmPeer> peers,
        ReadOnlySpan<Endpoint> gone,
        SwarmTotals totals
    ) { }

    void ITrackedSwarms.ForgetShared(Hash20 swarm, Hash32 partner) { }

    private static PlantEntry EntryOf(int order) =>
        new()
        {
            Digest = new Hash32((ulong)order, 1, 1, 1),
            Signer = new NodeId(new Hash32((ulong)order, 2, 2, 2)),
            Swarms = [new Hash20((ulong)order, 3, 3)],
            Candidates =
            [
                NodeOf(0),
                .. Enumerable.Range(1, NetworkLimits.MaxCandidates - 1).Select(step => OtherOf(order, step)),
            ],
            Want = NetworkLimits.DefaultWant,
            At = Now.ToUnixTimeMilliseconds(),
            Op = ManifestOp.Planted,
            Since = Now.ToUnixTimeMilliseconds(),
            LastPeer = Now.ToUnixTimeMilliseconds(),
        };

    // Each order starts at a different node.
    private static NodeId OtherOf(int order, int step) => NodeOf(1 + (((order * 31) + (step * 7)) % (Nodes - 1)));

    private static NodeId NodeOf(int number) => new(new Hash32(4, 4, 4, (ulong)number));
}
