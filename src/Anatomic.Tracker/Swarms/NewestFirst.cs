using Anatomic.Wire.Network;

namespace Anatomic.Tracker.Swarms;

/// <summary>Peers in the order of their last announce: sorted by counting their ages, of which there are few.</summary>
internal static class NewestFirst
{
    /// <summary>Writes as many as there is room for and returns their number.</summary>
    public static int Write(SwarmPeers swarm, Span<SwarmPeer> into, int nowTick)
    {
        // At first how many peers have an age; then where the next one of that age goes.
        Span<int> places = stackalloc int[PeerAge.TicksOfTimeout];
        places.Clear();
        Count(swarm.V4, places, nowTick);
        Count(swarm.V6, places, nowTick);
        var total = 0;
        foreach (ref var place in places)
        {
            (place, total) = (total, total + place);
        }
        Place(swarm.V4, places, into, nowTick);
        Place(swarm.V6, places, into, nowTick);
        return Math.Min(total, into.Length);
    }

    private static void Count<T>(in PeerSet<T> set, Span<int> counts, int nowTick)
        where T : struct, IPeerEntry<T>
    {
        foreach (ref readonly var peer in set.Entries)
        {
            var age = PeerAge.Of(peer.State, nowTick);
            if (age < counts.Length)
            {
                counts[age]++;
            }
        }
    }

    private static void Place<T>(in PeerSet<T> set, Span<int> places, Span<SwarmPeer> into, int nowTick)
        where T : struct, IPeerEntry<T>
    {
        for (var i = 0; i < set.Count; i++)
        {
            var peer = set.Entries[i];
            var age = PeerAge.Of(peer.State, nowTick);
            if (age < places.Length && places[age]++ is var place && place < into.Length)
            {
                into[place] = new SwarmPeer(peer.Address, set.IsSeed(i));
            }
        }
    }
}
