using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Anatomic.Tracker.Memory;
using Anatomic.Wire;

namespace Anatomic.Tracker.Peers;

/// <summary>A peer as it is kept: address, port and the 16 bits of <see cref="PeerAge"/>.</summary>
internal interface IPeerEntry<TSelf> : IHashed
    where TSelf : unmanaged, IPeerEntry<TSelf>
{
    static abstract int CompactBytes { get; }
    static abstract TSelf From(in Endpoint address, ushort state);
    ushort State { get; }
    Endpoint Address { get; }
    TSelf WithState(ushort state);

    /// <summary>Address and port are the same, whatever the times.</summary>
    bool IsSame(in TSelf other);

    /// <summary>The first entry that is the same, or -1.</summary>
    static abstract int IndexOf(ReadOnlySpan<TSelf> entries, in TSelf peer);

    /// <summary>Writes <see cref="CompactBytes"/>; what follows them in <paramref name="into"/> may be written over, too.</summary>
    void WriteCompact(Span<byte> into);

    /// <summary>
    /// Goes round <paramref name="ring"/>, whose end is followed by its beginning, and writes the compact forms of those that are
    /// alive, without the asker. Returns how many.
    /// </summary>
    /// <param name="from">The first one to look at.</param>
    /// <param name="scanCount">At how many to look, at most once at each.</param>
    /// <param name="into">Has room for <paramref name="wanted"/>; what follows them may be written over, too.</param>
    /// <param name="wanted">At most so many.</param>
    static abstract int Copy(
        ReadOnlySpan<TSelf> ring,
        int from,
        int scanCount,
        Span<byte> into,
        int wanted,
        in TSelf requester,
        in TrackerTime now
    );

    /// <summary>Whether entries of this family know their twin.</summary>
    static abstract bool HasPairs { get; }
    DualStackPair Pair { get; }
    TSelf WithPair(DualStackPair twin);

    /// <summary>The set of this family.</summary>
    static abstract ref PeerSet<TSelf> In(PeerSets sets);
}
