using Anatomic.Wire;

namespace Anatomic.Tracker.Swarms;

/// <summary>
/// What an IPv6 entry knows of the same client's IPv4 one: 23 bits that tell clients of a swarm apart, whether the other entry is
/// there, and the low 8 bits of the tick of its last announce. While it is there, it alone counts.
/// </summary>
internal readonly struct DualStackPair(uint bits)
{
    private const int KeyShift = 9;
    private const uint ThereBit = 0x100;

    private readonly uint bits = bits;

    /// <summary>0: the client sent no key, or a newer entry has it.</summary>
    public uint Key => bits >> KeyShift;

    public bool IsPresent => (bits & ThereBit) != 0;

    public uint Bits => bits;

    /// <summary>A keyed hash of the client's <c>key</c> and port; never 0.</summary>
    public static uint ComputeKey(uint clientKey, int port, ulong seed) =>
        Math.Max(1, (uint)(Mixing.Mix(seed ^ ((ulong)clientKey << 16) ^ (uint)port) >> (32 + KeyShift)));

    public static DualStackPair FromKey(uint key) => new(key << KeyShift);

    public DualStackPair WithV4Seen(int tick) => new((bits & ~0xFFU) | ThereBit | (uint)(tick & 0xFF));

    public DualStackPair WithoutV4() => FromKey(Key);

    /// <summary>The IPv4 entry has expired.</summary>
    public bool IsExpired(in TrackerTime now) => IsPresent && ((now.Tick - bits) & 0xFF) >= now.TimeoutTicks;
}

/// <summary>
/// The last IPv4 announces of a shard, so that an IPv6 entry that comes a moment later finds its twin: clients announce over both
/// families together.
/// </summary>
internal sealed class RecentV4Announces
{
    /// <summary>A power of two. At 100,000 announces a second over 256 shards it is a sixth of a second.</summary>
    private const int Kept = 64;

    /// <summary>The low bits of an entry are its tick; they wrap after more than a month.</summary>
    private const ulong TickMask = 0xFFFF;

    private ulong[] ring = [];
    private int next;

    public static ulong ComputeId(in SwarmInfo swarm, uint clientKey, int port, ulong seed) =>
        Mixing.Mix(Mixing.Mix(swarm.Hash.A ^ seed) ^ swarm.Hash.B ^ ((ulong)clientKey << 16) ^ (uint)port) | TickMask;

    public void Add(ulong id, int tick)
    {
        if (ring.Length == 0)
        {
            ring = new ulong[Kept];
        }
        ring[next++ & (Kept - 1)] = (id & ~TickMask) | ((uint)tick & TickMask);
    }

    /// <summary>The tick of its last announce; null: it did not announce of late.</summary>
    public int? Find(ulong id, in TrackerTime now)
    {
        for (var back = 1; back <= ring.Length; back++)
        {
            var found = ring[(next - back) & (Kept - 1)];
            if ((found | TickMask) == id)
            {
                var age = (int)(((ulong)now.Tick - found) & TickMask);
                return age < now.TimeoutTicks ? now.Tick - age : null;
            }
        }
        return null;
    }

    /// <summary>It has stopped.</summary>
    public void Remove(ulong id)
    {
        foreach (ref var one in ring.AsSpan())
        {
            one = (one | TickMask) == id ? 0 : one;
        }
    }

    public void Clear() => Array.Clear(ring);
}

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
        var id = RecentV4Announces.ComputeId(swarm, clientKey, peer.Port, shard.Seed);
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
        shard.RecentV4Announces.Remove(RecentV4Announces.ComputeId(swarm, clientKey, peer.Port, shard.Seed));
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
