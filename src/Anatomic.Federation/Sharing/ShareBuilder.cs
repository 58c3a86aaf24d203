using Anatomic.Wire;
using Anatomic.Wire.Network;

namespace Anatomic.Federation.Sharing;

/// <summary>Builds a batch's entry for one swarm.</summary>
internal sealed class ShareBuilder(NetworkOptions network, ITrackedSwarms swarms)
{
    private readonly SwarmPeer[] snapshot = new SwarmPeer[NetworkLimits.MaxSharedPeers];

    /// <summary>The newest first-hand peers, up to the limit, and the peers known to be gone.</summary>
    public PeerShare Snapshot((Hash32 Order, Hash20 Swarm) key, PendingShare? pending)
    {
        var count = swarms.Snapshot(key.Swarm, snapshot);
        var peers = snapshot[..count].Where(peer => AddressRules.MayShare(peer.Address, network.AllowsPrivate));
        var gone = (pending?.Changes ?? []).Where(change => change.Value.IsGone).Select(change => change.Key).Order();
        return new PeerShare(key.Order, key.Swarm, [.. peers], [.. gone], swarms.Totals(key.Swarm));
    }

    /// <summary>The peers that changed.</summary>
    public PeerShare Changes((Hash32 Order, Hash20 Swarm) key, PendingShare pending)
    {
        var changes = pending.Changes.OrderBy(change => change.Key).ToArray();
        var peers = changes.Where(change => !change.Value.IsGone).Take(NetworkLimits.MaxSharedPeers);
        var gone = changes.Where(change => change.Value.IsGone).Take(NetworkLimits.MaxSharedPeers);
        return new PeerShare(
            key.Order,
            key.Swarm,
            [.. peers.Select(change => new SwarmPeer(change.Key, change.Value.IsSeed))],
            [.. gone.Select(change => change.Key)],
            swarms.Totals(key.Swarm)
        );
    }
}
