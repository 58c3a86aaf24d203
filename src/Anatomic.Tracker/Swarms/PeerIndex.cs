namespace Anatomic.Tracker.Swarms;

/// <summary>What an index finds entries by.</summary>
internal interface IIndexedBy<T>
    where T : struct, IPeerEntry<T>
{
    /// <summary>Only such entries stand in the index.</summary>
    static abstract bool Has(in T entry);
    static abstract bool IsSame(in T a, in T b);
    static abstract uint Hash(in T entry, ulong seed);
}

/// <summary>Address and port, which every entry has.</summary>
internal readonly struct ByAddress<T> : IIndexedBy<T>
    where T : struct, IPeerEntry<T>
{
    public static bool Has(in T entry) => true;

    public static bool IsSame(in T a, in T b) => a.IsSame(b);

    public static uint Hash(in T entry, ulong seed) => entry.Hash(seed);
}

/// <summary>The key of <see cref="Twin"/>, which no two entries of a set share.</summary>
internal readonly struct ByTwinKey<T> : IIndexedBy<T>
    where T : struct, IPeerEntry<T>
{
    public static bool Has(in T entry) => entry.Twin.Key != 0;

    public static bool IsSame(in T a, in T b) => a.Twin.Key == b.Twin.Key;

    public static uint Hash(in T entry, ulong seed) => (uint)(Mixing.Mix(entry.Twin.Key ^ seed) >> 32);
}

/// <summary>Finds an entry of a large set: open addressing, linear probing, no tombstones.</summary>
internal readonly struct PeerIndex<T, TBy>
    where T : struct, IPeerEntry<T>
    where TBy : struct, IIndexedBy<T>
{
    /// <summary>Each place holds the number of an entry plus one; 0: free.</summary>
    private readonly int[]? places;

    private PeerIndex(int[] places) => this.places = places;

    public bool IsThere => places is not null;

    /// <summary>Four places in five get used at most: a search then looks at three of them on average.</summary>
    public static int PlacesFor(int room) => room + (room / 4) + 1;

    /// <param name="room">For so many entries.</param>
    public static PeerIndex<T, TBy> Over(ReadOnlySpan<T> entries, int room, ulong seed)
    {
        var index = new PeerIndex<T, TBy>(new int[PlacesFor(room)]);
        for (var i = 0; i < entries.Length; i++)
        {
            index.Insert(i, entries, seed);
        }
        return index;
    }

    public int Find(in T peer, ReadOnlySpan<T> entries, ulong seed)
    {
        for (var place = HomeOf(peer, seed); places![place] != 0; place = After(place))
        {
            if (TBy.IsSame(entries[places[place] - 1], peer))
            {
                return places[place] - 1;
            }
        }
        return -1;
    }

    public void Insert(int entry, ReadOnlySpan<T> entries, ulong seed)
    {
        if (!TBy.Has(entries[entry]))
        {
            return;
        }
        var place = HomeOf(entries[entry], seed);
        while (places![place] != 0)
        {
            place = After(place);
        }
        places[place] = entry + 1;
    }

    /// <summary>Call before the entries change places.</summary>
    public void Swap(int a, int b, ReadOnlySpan<T> entries, ulong seed)
    {
        var placeOfA = PlaceOf(a, entries, seed);
        var placeOfB = PlaceOf(b, entries, seed);
        if (placeOfA >= 0)
        {
            places![placeOfA] = b + 1;
        }
        if (placeOfB >= 0)
        {
            places![placeOfB] = a + 1;
        }
    }

    /// <summary>Closes the gap: what stands behind it moves up, unless that would put it before its home.</summary>
    public void Remove(int entry, ReadOnlySpan<T> entries, ulong seed)
    {
        var gap = PlaceOf(entry, entries, seed);
        if (gap < 0)
        {
            return;
        }
        for (var place = After(gap); places![place] != 0; place = After(place))
        {
            var home = HomeOf(entries[places[place] - 1], seed);
            var homeIsBetween = gap < place ? home > gap && home <= place : home > gap || home <= place;
            if (!homeIsBetween)
            {
                places[gap] = places[place];
                gap = place;
            }
        }
        places[gap] = 0;
    }

    /// <summary>-1: it does not stand in the index.</summary>
    private int PlaceOf(int entry, ReadOnlySpan<T> entries, ulong seed)
    {
        if (!TBy.Has(entries[entry]))
        {
            return -1;
        }
        var place = HomeOf(entries[entry], seed);
        while (places![place] != entry + 1)
        {
            place = After(place);
        }
        return place;
    }

    private int HomeOf(in T peer, ulong seed) => (int)(((ulong)TBy.Hash(peer, seed) * (uint)places!.Length) >> 32);

    private int After(int place) => place + 1 == places!.Length ? 0 : place + 1;
}
