using Anatomic.Tracker.Peers;
using Anatomic.Wire;

namespace Anatomic.Tracker.Swarms;

/// <summary>Pairs the IPv4 and IPv6 entries of one client by the <c>key</c> that it sends over both.</summary>
internal static class DualStackPairing
{
    /// <param name="peers">The swarm's peers.</param>
    /// <param name="swarm">The swarm.</param>
    /// <param name="clientKey">What the client sent, not 0.</param>
    /// <param name="peer">Who announced and stands in its set.</param>
    /// <param name="position">Where it stands there.</param>
    /// <param name="now">Now.</param>
    /// <param name="shard">The shard.</param>
    public static void OnAnnounced(
        SwarmPeers peers,
        in SwarmInfo swarm,
        uint clientKey,
        in Endpoint peer,
        PeerPosition position,
        in TrackerTime now,
        ShardContext shard
    )
    {
        var id = RecentV4Announces.ComputeId(swarm.Hash, clientKey, peer.Port, shard.Seed);
        if (peer.IsV4)
        {
            shard.RecentV4Announces.Add(id, now.Tick);
            UpdateV6Entry(peers, clientKey, peer, now.Tick, shard);
            return;
        }
        peers.V6.AssignKey(position, DualStackPair.ComputeKey(clientKey, peer.Port, shard.Seed), shard);
        if (!peers.V6[position].Pair.IsPresent && shard.RecentV4Announces.Find(id, now) is { } tick)
        {
            peers.V6.SetPair(position, peers.V6[position].Pair.WithV4Seen(tick));
        }
    }

    /// <summary>An IPv4 peer has stopped: its twin counts for itself again.</summary>
    public static void OnStopped(
        SwarmPeers peers,
        in SwarmInfo swarm,
        uint clientKey,
        in Endpoint peer,
        ShardContext shard
    )
    {
        shard.RecentV4Announces.Remove(RecentV4Announces.ComputeId(swarm.Hash, clientKey, peer.Port, shard.Seed));
        UpdateV6Entry(peers, clientKey, peer, tick: null, shard);
    }

    private static void UpdateV6Entry(SwarmPeers peers, uint clientKey, in Endpoint peer, int? tick, ShardContext shard)
    {
        if (peers.V6.Count == 0)
        {
            return;
        }
        var position = peers.V6.FindByKey(DualStackPair.ComputeKey(clientKey, peer.Port, shard.Seed), shard.Seed);
        if (position.IsFound)
        {
            var twin = peers.V6[position].Pair;
            peers.V6.SetPair(position, tick is { } met ? twin.WithV4Seen(met) : twin.WithoutV4());
        }
    }
}
