using System.Runtime.CompilerServices;
using Anatomic.Wire;

namespace Anatomic.Tracker.Swarms;

/// <summary>Peers of both families.</summary>
internal class PeerSets
{
    public PeerSet<PeerV4> V4;
    public PeerSet<PeerV6> V6;

    public int Count => V4.Count + V6.Count;

    /// <summary>Clients, not addresses: of twins the IPv4 one counts.</summary>
    public int Seeds => V4.Seeds + V6.Seeds - V6.TwinSeeds;
    public int Leeches => V4.Leeches + V6.Leeches - (V6.Twins - V6.TwinSeeds);
    public int Paused => V4.Paused + V6.Paused;

    /// <summary>Empty, with the memory given back.</summary>
    public void Release(ShardContext shard)
    {
        V4.Release(shard);
        V6.Release(shard);
    }
}

/// <summary>
/// The peers of a swarm of one family: leeches in front, seeds behind, without holes, so that a random window of either is a
/// copy of neighbours. Small sets are searched through, large ones have an index. Not to be copied.
/// </summary>
internal struct PeerSet<T>
    where T : struct, IPeerEntry<T>
{
    /// <summary>Up to here looking through is as fast as an index, which costs as much memory as the entries.</summary>
    private const int MaxWithoutIndex = 128;

    /// <summary>In 64 bytes.</summary>
    private static readonly int EntriesOfLine = Math.Max(1, 64 / Unsafe.SizeOf<T>());

    /// <summary>From here on memory counts for more than the work of growing.</summary>
    private const int LargeRoom = 4096;

    private T[]? entries;
    private PeerIndex<T, ByAddress<T>> index;
    private PeerIndex<T, ByTwinKey<T>> twinIndex;

    public int Count { get; private set; }

    /// <summary>Entries from 0 up to here are leeches, the others seeds.</summary>
    public int Leeches { get; private set; }

    /// <summary>Entries whose twin of the other family is there and counts instead of them; of these the seeds.</summary>
    public int Twins { get; private set; }
    public int TwinSeeds { get; private set; }

    /// <summary>Those whose state says so and that count; leeches, all of them.</summary>
    public int Paused { get; private set; }

    public readonly int Seeds => Count - Leeches;

    public readonly ReadOnlySpan<T> Entries => entries.AsSpan(0, Count);

    public readonly bool IsSeed(int at) => at >= Leeches;

    /// <summary>Where it is, or -1.</summary>
    public readonly int Find(in T peer, ulong seed) =>
        index.IsThere ? index.Find(peer, Entries, seed) : T.IndexOf(Entries, peer);

    /// <summary>By how much one more peer lets the set grow; mostly 0.</summary>
    public readonly long BytesOfNext => Count < (entries?.Length ?? 0) ? 0 : BytesOf(RoomAfter(Count)) - BytesOf(Count);

    /// <summary>Where the entry with this key of a twin is, or -1.</summary>
    public readonly int FindByKey(uint key, ulong seed)
    {
        if (twinIndex.IsThere)
        {
            return twinIndex.Find(default(T).WithTwin(Twin.Of(key)), Entries, seed);
        }
        var all = Entries;
        for (var i = 0; i < all.Length; i++)
        {
            if (all[i].Twin.Key == key)
            {
                return i;
            }
        }
        return -1;
    }

    /// <summary>The peer must not be there yet, and has no twin; returns where it is now.</summary>
    public int Insert(in T peer, bool isSeed, ShardContext shard)
    {
        var seed = shard.Seed;
        Grow(shard);
        var at = Count++;
        entries![at] = peer;
        Paused += IsCountedPaused(peer) ? 1 : 0;
        if (index.IsThere)
        {
            index.Insert(at, Entries, seed);
        }
        if (isSeed)
        {
            return at;
        }
        Swap(at, Leeches, seed);
        return Leeches++;
    }

    public void Touch(int at, ushort state) => Put(at, entries![at].WithState(state));

    /// <summary>What is known of the twin changes; its key does not.</summary>
    public void SetTwin(int at, Twin twin) => Put(at, entries![at].WithTwin(twin));

    /// <summary>The entry has this key from now on, and none that had it: two that share one would be taken for each other.</summary>
    public void GiveKey(int at, uint key, ulong seed)
    {
        if (entries![at].Twin.Key != key)
        {
            var before = FindByKey(key, seed);
            if (before >= 0)
            {
                ChangeKey(before, 0, seed);
            }
            ChangeKey(at, key, seed);
        }
    }

    /// <summary>A leech becomes a seed, or the other way round; returns where it is now.</summary>
    public int Flip(int at, ulong seed)
    {
        if (entries![at].Twin.IsThere)
        {
            TwinSeeds += IsSeed(at) ? -1 : 1;
        }
        var to = IsSeed(at) ? Leeches++ : --Leeches;
        Swap(at, to, seed);
        return to;
    }

    /// <summary>Another entry takes its place, if there is one behind it.</summary>
    public void RemoveAt(int at, ulong seed)
    {
        Put(at, entries![at].WithTwin(entries[at].Twin.Alone()));
        if (!IsSeed(at))
        {
            Swap(at, --Leeches, seed);
            at = Leeches;
        }
        Swap(at, Count - 1, seed);
        if (index.IsThere)
        {
            index.Remove(Count - 1, Entries, seed);
        }
        if (twinIndex.IsThere)
        {
            twinIndex.Remove(Count - 1, Entries, seed);
        }
        Count--;
        Paused -= IsCountedPaused(entries[Count]) ? 1 : 0;
    }

    /// <summary>Empty, with its memory kept; only for a set without an index.</summary>
    public void Clear()
    {
        Invariant.Holds(!index.IsThere);
        Forget();
    }

    /// <summary>Gives memory back when most of it is unused.</summary>
    public void Shrink(ShardContext shard)
    {
        if (entries is not null && entries.Length > 4 && Count < entries.Length / 2)
        {
            Resize(Count + (Count / 8), shard);
        }
    }

    /// <summary>Empty, with its memory given back.</summary>
    public void Release(ShardContext shard)
    {
        Forget();
        Resize(0, shard);
    }

    /// <summary>
    /// Copies peers that are alive from a window that begins anywhere among the leeches or the seeds, without
    /// <paramref name="asker"/>. Looks at a bounded number of entries, so that a swarm full of expired ones costs no more.
    /// </summary>
    public readonly int CopyWindow(
        Span<byte> into,
        int wanted,
        bool seeds,
        in T asker,
        in Moment now,
        ref FastRandom random
    )
    {
        var part = seeds ? Entries[Leeches..] : Entries[..Leeches];
        var from = random.Next(part.Length);
        var looks = Math.Min(part.Length, (2 * wanted) + 16);
        var behind = Math.Min(looks, part.Length - from);
        var copied = Copy(part.Slice(from, behind), into, wanted, asker, now);
        // Past the end it goes on at the beginning.
        return copied + Copy(part[..(looks - behind)], into[(copied * T.CompactBytes)..], wanted - copied, asker, now);
    }

    private static int Copy(ReadOnlySpan<T> part, Span<byte> into, int wanted, in T asker, in Moment now)
    {
        var copied = 0;
        foreach (ref readonly var peer in part)
        {
            if (copied == wanted)
            {
                break;
            }
            if (!PeerAge.IsOver(peer.State, now) && !peer.IsSame(asker))
            {
                peer.WriteCompact(into[(copied++ * T.CompactBytes)..]);
            }
        }
        return copied;
    }

    /// <summary>Fetches the entries of a small set for whoever will need them soon; may be called without any lock.</summary>
    public readonly void Fetch()
    {
        var some = entries.AsSpan();
        some = some[..Math.Min(some.Length, MaxWithoutIndex)];
        for (var at = 0; at < some.Length; at += EntriesOfLine)
        {
            Nearby.Fetch(ref some[at]);
        }
    }

    private readonly void Swap(int a, int b, ulong seed)
    {
        if (a == b)
        {
            return;
        }
        if (index.IsThere)
        {
            index.Swap(a, b, Entries, seed);
        }
        if (twinIndex.IsThere)
        {
            twinIndex.Swap(a, b, Entries, seed);
        }
        (entries![a], entries[b]) = (entries[b], entries[a]);
    }

    private static bool IsCountedPaused(in T entry) => PeerAge.IsPaused(entry.State) && !entry.Twin.IsThere;

    /// <summary>Another state or twin of the same peer: the counts follow.</summary>
    private void Put(int at, in T entry)
    {
        ref var old = ref entries![at];
        Paused += (IsCountedPaused(entry) ? 1 : 0) - (IsCountedPaused(old) ? 1 : 0);
        if (T.HasTwins && entry.Twin.IsThere != old.Twin.IsThere)
        {
            var by = entry.Twin.IsThere ? 1 : -1;
            Twins += by;
            TwinSeeds += IsSeed(at) ? by : 0;
        }
        old = entry;
    }

    private void ChangeKey(int at, uint key, ulong seed)
    {
        if (twinIndex.IsThere)
        {
            twinIndex.Remove(at, Entries, seed);
        }
        Put(at, entries![at].WithTwin(Twin.Of(key)));
        if (twinIndex.IsThere)
        {
            twinIndex.Insert(at, Entries, seed);
        }
    }

    private void Forget() => (Count, Leeches, Paused, Twins, TwinSeeds) = (0, 0, 0, 0, 0);

    private void Grow(ShardContext shard)
    {
        var room = entries?.Length ?? 0;
        if (Count == room)
        {
            Resize(RoomAfter(room), shard);
        }
    }

    /// <summary>Large sets grow by less: what is unused in them is the most memory that a swarm can waste.</summary>
    private static int RoomAfter(int room) =>
        room == 0 ? 2
        : room < LargeRoom ? room + Math.Max(2, room / 4)
        : room + (room / 8);

    private void Resize(int room, ShardContext shard)
    {
        Invariant.Holds(room >= Count);
        var before = BytesOf(entries?.Length ?? 0);
        if (room == 0)
        {
            entries = null;
            (index, twinIndex) = (default, default);
        }
        else
        {
            Array.Resize(ref entries, room);
            index = room > MaxWithoutIndex ? PeerIndex<T, ByAddress<T>>.Over(Entries, room, shard.Seed) : default;
            twinIndex =
                T.HasTwins && room > MaxWithoutIndex
                    ? PeerIndex<T, ByTwinKey<T>>.Over(Entries, room, shard.Seed)
                    : default;
        }
        shard.Capacity.TakeMemory(BytesOf(room) - before);
    }

    private static long BytesOf(int room) =>
        (room == 0 ? 0 : StoreMemory.OfArray<T>(room)) + (room > MaxWithoutIndex ? BytesOfIndexes(room) : 0);

    private static long BytesOfIndexes(int room) =>
        (T.HasTwins ? 2 : 1) * StoreMemory.OfArray<int>(PeerIndex<T, ByAddress<T>>.PlacesFor(room));
}
