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
        Span<int> places = stackalloc int[PeerAge.TimeoutTicksMax];
        places.Clear();
        Count(swarm.V4, places, now);
        Count(swarm.V6, places, now);
        var total = 0;
        foreach (ref var place in places)
        {
            (place, total) = (total, total + place);
        }
        Place(swarm.V4, places, into, now);
        Place(swarm.V6, places, into, now);
        return Math.Min(total, into.Length);
    }

    private static void Count<T>(in PeerSet<T> set, Span<int> counts, in TrackerTime now)
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

    private static void Place<T>(in PeerSet<T> set, Span<int> places, Span<SwarmPeer> into, in TrackerTime now)
        where T : unmanaged, IPeerEntry<T>
    {
        for (var bucket = 0; bucket < set.BucketCount; bucket++)
        {
            var peers = set.Entries(bucket);
            for (var at = 0; at < peers.Length; at++)
            {
                var age = PeerAge.TicksSinceAnnounce(peers[at].State, now.Tick);
                if (age < now.TimeoutTicks && places[age]++ is var place && place < into.Length)
                {
                    into[place] = new SwarmPeer(peers[at].Address, at >= set.LeechersIn(bucket));
                }
            }
        }
    }
}
