using Anatomic.Tracker.Peers;
using Anatomic.Tracker.Policy;
using Anatomic.Wire;

namespace Anatomic.Tracker.Swarms;

/// <summary>Selects the peers of a reply.</summary>
internal static class PeerSelector
{
    /// <summary>
    /// Selects peers of the client's own address family first, then of the other. Only leechers get seeds. Shared peers
    /// fill half of the reply, or more if there are too few local ones, with an equal part from each partner.
    /// </summary>
    public static void Select(
        SwarmPeers swarm,
        in Endpoint requester,
        int wanted,
        bool includeSeeds,
        in TrackerTime now,
        ShardContext shard,
        ref ReplyBuffers buffers
    )
    {
        if (requester.IsV4)
        {
            var key = PeerV4.From(requester, 0);
            buffers.V4Count = Fill(swarm, key, wanted, includeSeeds, now, shard, buffers.V4);
            buffers.V6Count = Fill(
                swarm,
                default(PeerV6),
                wanted - buffers.V4Count,
                includeSeeds,
                now,
                shard,
                buffers.V6
            );
        }
        else
        {
            var key = PeerV6.From(requester, 0);
            buffers.V6Count = Fill(swarm, key, wanted, includeSeeds, now, shard, buffers.V6);
            buffers.V4Count = Fill(
                swarm,
                default(PeerV4),
                wanted - buffers.V6Count,
                includeSeeds,
                now,
                shard,
                buffers.V4
            );
        }
    }

    private static int Fill<T>(
        SwarmPeers swarm,
        in T requester,
        int wanted,
        bool includeSeeds,
        in TrackerTime now,
        ShardContext shard,
        Span<byte> into
    )
        where T : unmanaged, IPeerEntry<T>
    {
        wanted = Math.Min(wanted, into.Length / T.CompactBytes);
        if (wanted <= 0)
        {
            return 0;
        }
        ref var local = ref T.In(swarm);
        var localCount = includeSeeds ? local.Count : local.Leechers;
        var shared = CountShared<T>(swarm, includeSeeds);
        var sharedWanted = Math.Min(shared, Math.Max(wanted / 2, wanted - localCount));
        var filled = SelectFrom(local, requester, wanted - sharedWanted, includeSeeds, now, shard, into);
        if (sharedWanted > 0)
        {
            filled = FillShared(swarm, requester, filled, wanted, includeSeeds, now, shard, into);
        }
        return filled;
    }

    private static int CountShared<T>(SwarmPeers swarm, bool includeSeeds)
        where T : unmanaged, IPeerEntry<T>
    {
        var count = 0;
        for (var i = 0; i < swarm.Partners.Length; i++)
        {
            ref var set = ref T.In(swarm.Partners[i]);
            count += includeSeeds ? set.Count : set.Leechers;
        }
        return count;
    }

    /// <summary>
    /// Assigns the places in the reply to the partners in turn, until none has more peers. Then copies a window of
    /// each.
    /// </summary>
    private static int FillShared<T>(
        SwarmPeers swarm,
        in T requester,
        int filled,
        int wanted,
        bool includeSeeds,
        in TrackerTime now,
        ShardContext shard,
        Span<byte> into
    )
        where T : unmanaged, IPeerEntry<T>
    {
        var partners = swarm.Partners;
        Span<int> shares = stackalloc int[TrackerLimits.MaxPartners];
        shares.Clear();
        var first = shard.Random.Next(partners.Length);
        var left = wanted - filled;
        for (var anyLeft = true; anyLeft && left > 0; )
        {
            anyLeft = false;
            for (var i = 0; i < partners.Length && left > 0; i++)
            {
                var partner = (first + i) % partners.Length;
                ref var set = ref T.In(partners[partner]);
                if (shares[partner] < (includeSeeds ? set.Count : set.Leechers))
                {
                    shares[partner]++;
                    left--;
                    anyLeft = true;
                }
            }
        }
        Span<byte> window = stackalloc byte[TrackerLimits.MaxWanted * T.CompactBytes];
        for (var i = 0; i < partners.Length; i++)
        {
            var selected = SelectFrom(T.In(partners[i]), requester, shares[i], includeSeeds, now, shard, window);
            filled = AppendUnique(window, selected, T.CompactBytes, into, filled);
        }
        return filled;
    }

    /// <summary>A client that announces to two nodes is known to both, but must appear in a reply only once.</summary>
    private static int AppendUnique(ReadOnlySpan<byte> window, int count, int bytesEach, Span<byte> into, int filled)
    {
        for (var i = 0; i < count; i++)
        {
            var peer = window.Slice(i * bytesEach, bytesEach);
            var isThere = false;
            for (var known = 0; known < filled && !isThere; known++)
            {
                isThere = into.Slice(known * bytesEach, bytesEach).SequenceEqual(peer);
            }
            if (!isThere)
            {
                peer.CopyTo(into[(filled++ * bytesEach)..]);
            }
        }
        return filled;
    }

    /// <summary>
    /// Selects leechers and seeds in proportion to their numbers, but at least one of each if two fit.
    /// </summary>
    private static int SelectFrom<T>(
        in PeerSet<T> set,
        in T requester,
        int wanted,
        bool includeSeeds,
        in TrackerTime now,
        ShardContext shard,
        Span<byte> into
    )
        where T : unmanaged, IPeerEntry<T>
    {
        var seeds = 0;
        if (includeSeeds && wanted > 0 && set.Count > 0)
        {
            seeds = (int)((long)wanted * set.Seeds / set.Count);
            seeds = Math.Clamp(seeds, Math.Min(1, set.Seeds), Math.Max(1, wanted - Math.Min(1, set.Leechers)));
        }
        var selected = set.CopyWindow(into, wanted - seeds, seeds: false, requester, now, ref shard.Random);
        if (includeSeeds)
        {
            var rest = into[(selected * T.CompactBytes)..];
            selected += set.CopyWindow(rest, wanted - selected, seeds: true, requester, now, ref shard.Random);
        }
        return selected;
    }
}
