using Anatomic.Tracker.Memory;
using Anatomic.Wire;

namespace Anatomic.Tracker.Peers;

/// <summary>A stored peer: address, port, and the 16 bits of <see cref="PeerAge"/>.</summary>
internal interface IPeerEntry<TSelf> : IHashed
    where TSelf : unmanaged, IPeerEntry<TSelf>
{
    static abstract int CompactBytes { get; }
    static abstract TSelf From(in Endpoint address, ushort state);
    ushort State { get; }
    Endpoint Address { get; }
    TSelf WithState(ushort state);

    /// <summary>True if address and port are equal; the state is ignored.</summary>
    bool IsSame(in TSelf other);

    /// <summary>The index of the entry with the same address and port, or -1.</summary>
    static abstract int IndexOf(ReadOnlySpan<TSelf> entries, in TSelf peer);

    /// <summary>
    /// Writes <see cref="CompactBytes"/> bytes. The bytes of <paramref name="into"/> behind them may be overwritten.
    /// </summary>
    void WriteCompact(Span<byte> into);

    /// <summary>
    /// Copies the compact forms of the entries that have not expired, except the requester. The ring's end is followed
    /// by its beginning. Returns the number of entries copied.
    /// </summary>
    /// <param name="from">The index to start at.</param>
    /// <param name="scanCount">The number of entries to check; at most the length of the ring.</param>
    /// <param name="into">
    /// Space for <paramref name="wanted"/> entries. The bytes behind the copied ones may be overwritten.
    /// </param>
    /// <param name="wanted">Maximum number of entries to copy.</param>
    static abstract int Copy(
        ReadOnlySpan<TSelf> ring,
        int from,
        int scanCount,
        Span<byte> into,
        int wanted,
        in TSelf requester,
        in TrackerTime now
    );

    /// <summary>True if entries of this family link to the client's entry of the other family.</summary>
    static abstract bool HasPairs { get; }
    DualStackPair Pair { get; }
    TSelf WithPair(DualStackPair pair);

    /// <summary>The set of this family.</summary>
    static abstract ref PeerSet<TSelf> In(PeerSets sets);
}
