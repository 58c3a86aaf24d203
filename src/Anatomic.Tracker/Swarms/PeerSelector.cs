using Anatomic.Tracker.Policy;
using Anatomic.Wire;

namespace Anatomic.Tracker.Swarms;

/// <summary>Where the peers of a reply go. An empty span takes none of its family.</summary>
internal ref struct ReplyBuffers
{
    /// <summary>6 bytes each.</summary>
    public Span<byte> V4;

    /// <summary>18 bytes each.</summary>
    public Span<byte> V6;
    public int V4Count;
    public int V6Count;
}

/// <summary>Chooses the peers of a reply.</summary>
internal static class PeerSelector
{
    /// <summary>
    /// The asker's own family first, the other one in what is left. Seeds are given to leeches only. Peers of partners fill half
    /// of the reply, more where own ones are too few, and every partner gets an equal part of it.
    /// </summary>
    public static void Choose(
        SwarmPeers swarm,
        in Endpoint requester,
        int wanted,
        bool withSeeds,
        in TrackerTime now,
        ShardContext shard,
        ref ReplyBuffers room
    )
    {
        if (requester.IsV4)
        {
            var key = PeerV4.From(requester, 0);
            room.V4Count = Fill(swarm, key, wanted, withSeeds, now, shard, room.V4);
            room.V6Count = Fill(swarm, default(PeerV6), wanted - room.V4Count, withSeeds, now, shard, room.V6);
        }
        else
        {
            var key = PeerV6.From(requester, 0);
            room.V6Count = Fill(swarm, key, wanted, withSeeds, now, shard, room.V6);
            room.V4Count = Fill(swarm, default(PeerV4), wanted - room.V6Count, withSeeds, now, shard, room.V4);
        }
    }

    private static int Fill<T>(
        SwarmPeers swarm,
        in T requester,
        int wanted,
        bool withSeeds,
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
        ref var own = ref T.In(swarm);
        var ownThere = withSeeds ? own.Count : own.Leechers;
        var shared = SharedThere<T>(swarm, withSeeds);
        var fromPartners = Math.Min(shared, Math.Max(wanted / 2, wanted - ownThere));
        var filled = Take(own, requester, wanted - fromPartners, withSeeds, now, shard, into);
        if (fromPartners > 0)
        {
            filled = FillShared(swarm, requester, filled, wanted, withSeeds, now, shard, into);
        }
        return filled;
    }

    private static int SharedThere<T>(SwarmPeers swarm, bool withSeeds)
        where T : unmanaged, IPeerEntry<T>
    {
        var count = 0;
        for (var i = 0; i < swarm.Partners.Length; i++)
        {
            ref var set = ref T.In(swarm.Partners[i]);
            count += withSeeds ? set.Count : set.Leechers;
        }
        return count;
    }

    /// <summary>One peer for each partner in turn until the reply is full or nobody has more; then each gives its window.</summary>
    private static int FillShared<T>(
        SwarmPeers swarm,
        in T requester,
        int filled,
        int wanted,
        bool withSeeds,
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
        for (var gave = true; gave && left > 0; )
        {
            gave = false;
            for (var i = 0; i < partners.Length && left > 0; i++)
            {
                var partner = (first + i) % partners.Length;
                ref var set = ref T.In(partners[partner]);
                if (shares[partner] < (withSeeds ? set.Count : set.Leechers))
                {
                    shares[partner]++;
                    left--;
                    gave = true;
                }
            }
        }
        Span<byte> window = stackalloc byte[TrackerLimits.MaxWanted * T.CompactBytes];
        for (var i = 0; i < partners.Length; i++)
        {
            var taken = Take(T.In(partners[i]), requester, shares[i], withSeeds, now, shard, window);
            filled = AppendNew(window, taken, T.CompactBytes, into, filled);
        }
        return filled;
    }

    /// <summary>A client that announces to two holders is known to both: it must not stand in a reply twice.</summary>
    private static int AppendNew(ReadOnlySpan<byte> window, int count, int bytesEach, Span<byte> into, int filled)
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

    /// <summary>Leechers and seeds in the proportion in which they are there, one of each at least where two fit.</summary>
    private static int Take<T>(
        in PeerSet<T> set,
        in T requester,
        int wanted,
        bool withSeeds,
        in TrackerTime now,
        ShardContext shard,
        Span<byte> into
    )
        where T : unmanaged, IPeerEntry<T>
    {
        var seeds = 0;
        if (withSeeds && wanted > 0 && set.Count > 0)
        {
            seeds = (int)((long)wanted * set.Seeds / set.Count);
            seeds = Math.Clamp(seeds, Math.Min(1, set.Seeds), Math.Max(1, wanted - Math.Min(1, set.Leechers)));
        }
        var taken = set.CopyWindow(into, wanted - seeds, seeds: false, requester, now, ref shard.Random);
        if (withSeeds)
        {
            var rest = into[(taken * T.CompactBytes)..];
            taken += set.CopyWindow(rest, wanted - taken, seeds: true, requester, now, ref shard.Random);
        }
        return taken;
    }
}
