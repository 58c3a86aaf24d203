using Anatomic.Tracker.Peers;
using Anatomic.Wire;
using Anatomic.Wire.Trackers;

namespace Anatomic.Tracker.Swarms;

/// <summary>Stores or removes the peer that sent an announce, in the set of its address family.</summary>
internal static class AnnouncingPeer
{
    /// <summary>False: the tracker is full.</summary>
    public static bool TryStore(
        ref SwarmSlot swarm,
        SwarmPeers peers,
        in AnnounceQuery query,
        in Endpoint peer,
        in TrackerTime now,
        ShardContext shard
    )
    {
        var isPaused = query.Event == AnnounceEvent.Paused && !query.IsSeed;
        var update = peer.IsV4
            ? peers.TryAddOrUpdate<PeerV4>(swarm.Info, peer, query.IsSeed, isPaused, now, shard)
            : peers.TryAddOrUpdate<PeerV6>(swarm.Info, peer, query.IsSeed, isPaused, now, shard);
        if (update is not { } stored)
        {
            return false;
        }
        swarm.LastAnnounce = now.Second;
        swarm.Downloaded += stored.BecameSeed && query.Event == AnnounceEvent.Completed ? 1 : 0;
        if (query.Key != 0)
        {
            DualStackPairing.OnAnnounced(peers, swarm.Info, query.Key, peer, stored.Position, now, shard);
        }
        return true;
    }

    public static void Remove(
        in SwarmSlot swarm,
        SwarmPeers peers,
        in AnnounceQuery query,
        in Endpoint peer,
        ShardContext shard
    )
    {
        if (!peer.IsV4)
        {
            peers.Remove<PeerV6>(swarm.Info, peer, shard);
        }
        else if (peers.Remove<PeerV4>(swarm.Info, peer, shard) && query.Key != 0)
        {
            DualStackPairing.OnStopped(peers, swarm.Info, query.Key, peer, shard);
        }
    }
}
