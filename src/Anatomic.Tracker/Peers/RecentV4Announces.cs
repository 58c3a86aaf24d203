using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Tracker.Peers;

/// <summary>
/// The last IPv4 announces of a shard. Clients announce over both families together, so an IPv6 announce that follows
/// finds its IPv4 counterpart here.
/// </summary>
internal sealed class RecentV4Announces
{
    /// <summary>
    /// A power of two. At 100,000 announces per second over 256 shards, this covers a sixth of a second.
    /// </summary>
    private const int Kept = 64;

    /// <summary>The low bits of an entry are its tick, which wraps after more than a month.</summary>
    private const ulong TickMask = 0xFFFF;

    private ulong[] ring = [];
    private int next;

    public static ulong ComputeId(in Hash20 swarm, uint clientKey, int port, ulong seed) =>
        SplitMix64.Mix(SplitMix64.Mix(swarm.A ^ seed) ^ swarm.B ^ ((ulong)clientKey << 16) ^ (uint)port) | TickMask;

    public void Add(ulong id, int tick)
    {
        if (ring.Length == 0)
        {
            ring = new ulong[Kept];
        }
        ring[next++ & (Kept - 1)] = (id & ~TickMask) | ((uint)tick & TickMask);
    }

    /// <summary>Returns the tick of the client's last IPv4 announce, or null if it is not in the list.</summary>
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

    /// <summary>Removes a client that stopped.</summary>
    public void Remove(ulong id)
    {
        foreach (ref var one in ring.AsSpan())
        {
            one = (one | TickMask) == id ? 0 : one;
        }
    }

    public void Clear() => Array.Clear(ring);
}
