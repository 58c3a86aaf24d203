namespace Anatomic.Tracker.Swarms;

/// <summary>Finds an entry of a large set by address and port: open addressing, linear probing, no tombstones.</summary>
internal readonly struct PeerIndex<T>
    where T : struct, IPeerEntry<T>
{
    /// <summary>Each place holds the number of an entry plus one; 0: free.</summary>
    private readonly int[]? places;

    private PeerIndex(int[] places) => this.places = places;

    public bool IsThere => places is not null;

    /// <summary>Two places in three get used at most.</summary>
    public static int PlacesFor(int room) => room + (room / 2) + 1;

    /// <param name="room">For so many entries.</param>
    public static PeerIndex<T> Over(ReadOnlySpan<T> entries, int room, ulong seed)
    {
        var index = new PeerIndex<T>(new int[PlacesFor(room)]);
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
            if (entries[places[place] - 1].IsSame(peer))
            {
                return places[place] - 1;
            }
        }
        return -1;
    }

    public void Insert(int entry, ReadOnlySpan<T> entries, ulong seed)
    {
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
        places![placeOfA] = b + 1;
        places[placeOfB] = a + 1;
    }

    /// <summary>Closes the gap: what stands behind it moves up, unless that would put it before its home.</summary>
    public void Remove(int entry, ReadOnlySpan<T> entries, ulong seed)
    {
        var gap = PlaceOf(entry, entries, seed);
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

    private int PlaceOf(int entry, ReadOnlySpan<T> entries, ulong seed)
    {
        var place = HomeOf(entries[entry], seed);
        while (places![place] != entry + 1)
        {
            place = After(place);
        }
        return place;
    }

    private int HomeOf(in T peer, ulong seed) => (int)(((ulong)peer.Hash(seed) * (uint)places!.Length) >> 32);

    private int After(int place) => place + 1 == places!.Length ? 0 : place + 1;
}
