using Anatomic.Wire.Network;

namespace Anatomic.Tracker.Peers;

/// <summary>
/// Lists peers in the order of their last announce. A counting sort, because there are few different ages.
/// </summary>
internal static class PeersByRecency
{
    /// <summary>Writes the newest peers that fit, and returns their number.</summary>
    public static int Write(PeerSets swarm, Span<SwarmPeer> into, in TrackerTime now)
    {
        // First the number of peers per age, then the index of the next peer of that age.
        Span<int> offsets = stackalloc int[PeerAge.TimeoutTicksMax];
        offsets.Clear();
        CountAges(swarm.V4, offsets, now);
        CountAges(swarm.V6, offsets, now);
        var total = 0;
        foreach (ref var offset in offsets)
        {
            (offset, total) = (total, total + offset);
        }
        WriteFamily(swarm.V4, offsets, into, now);
        WriteFamily(swarm.V6, offsets, into, now);
        return Math.Min(total, into.Length);
    }

    private static void CountAges<T>(in PeerSet<T> set, Span<int> counts, in TrackerTime now)
        where T : unmanaged, IPeerEntry<T>
    {
        for (var bucket = 0; bucket < set.BucketCount; bucket++)
        {
            foreach (ref readonly var peer in set.Entries(bucket))
            {
                var age = PeerAge.TicksSinceAnnounce(peer.State, now.Tick);
                if (age < now.TimeoutTicks)
                {
                    counts[age]++;
                }
            }
        }
    }

    private static void WriteFamily<T>(in PeerSet<T> set, Span<int> offsets, Span<SwarmPeer> into, in TrackerTime now)
        where T : unmanaged, IPeerEntry<T>
    {
        for (var bucket = 0; bucket < set.BucketCount; bucket++)
        {
            var peers = set.Entries(bucket);
            for (var at = 0; at < peers.Length; at++)
            {
                var age = PeerAge.TicksSinceAnnounce(peers[at].State, now.Tick);
                if (age < now.TimeoutTicks && offsets[age]++ is var offset && offset < into.Length)
                {
                    into[offset] = new SwarmPeer(peers[at].Address, at >= set.LeechersIn(bucket));
                }
            }
        }
    }
}
