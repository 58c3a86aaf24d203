using Anatomic.Tracker.Peers;
using Anatomic.Wire;

namespace Anatomic.Tracker.Swarms;

/// <summary>
/// Pairs the IPv4 and IPv6 entries of one client by the <c>key</c> that it sends with both announces.
/// </summary>
internal static class DualStackPairing
{
    /// <summary>Pairs a peer that was just stored with its entry of the other family, if there is one.</summary>
    /// <param name="clientKey">The client's <c>key</c>; not 0.</param>
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

    /// <summary>An IPv4 peer has stopped: the client's IPv6 entry is counted again.</summary>
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
            var pair = peers.V6[position].Pair;
            peers.V6.SetPair(position, tick is { } met ? pair.WithV4Seen(met) : pair.WithoutV4());
        }
    }
}
