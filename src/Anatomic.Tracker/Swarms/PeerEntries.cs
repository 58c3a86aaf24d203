using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Anatomic.Wire;

namespace Anatomic.Tracker.Swarms;

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

/// <summary>
/// 8 bytes: the compact form (BEP 23) as it goes out, then the state above it, so that a reply is a copy which leaves the states out.
/// </summary>
internal readonly struct PeerV4(ulong bits) : IPeerEntry<PeerV4>
{
    /// <summary>Where the state begins in <see cref="bits"/>.</summary>
    public const int StateShift = 48;

    /// <summary>The compact form in <see cref="bits"/>.</summary>
    public const ulong CompactMask = (1UL << StateShift) - 1;

    // The compact form, its first byte lowest; then the state.
    private readonly ulong bits = bits;

    /// <summary>The compact form, its first byte lowest.</summary>
    public ulong Compact => bits & CompactMask;

    public static int CompactBytes => 6;

    public static bool HasPairs => false;

    public DualStackPair Pair => default;

    public PeerV4 WithPair(DualStackPair twin) => this;

    public ushort State => (ushort)(bits >> StateShift);

    public Endpoint Address =>
        Endpoint.FromV4(
            BinaryPrimitives.ReverseEndianness((uint)bits),
            BinaryPrimitives.ReverseEndianness((ushort)(bits >> 32))
        );

    public static ref PeerSet<PeerV4> In(PeerSets sets) => ref sets.V4;

    public static PeerV4 From(in Endpoint address, ushort state) =>
        new(
            BinaryPrimitives.ReverseEndianness(address.V4)
                | ((ulong)BinaryPrimitives.ReverseEndianness(address.Port) << 32)
                | ((ulong)state << StateShift)
        );

    public PeerV4 WithState(ushort state) => new((bits & CompactMask) | ((ulong)state << StateShift));

    public bool IsSame(in PeerV4 other) => ((bits ^ other.bits) & CompactMask) == 0;

    public uint Hash(ulong seed) => (uint)(Mixing.Mix((bits & CompactMask) ^ seed) >> 32);

    public static int IndexOf(ReadOnlySpan<PeerV4> entries, in PeerV4 peer)
    {
        var all = MemoryMarshal.Cast<PeerV4, ulong>(entries);
        var sought = peer.Compact;
        var at = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            var wide = Vector256.Create(sought);
            var mask = Vector256.Create(CompactMask);
            for (; at + Vector256<ulong>.Count <= all.Length; at += Vector256<ulong>.Count)
            {
                var four = Vector256.Create(all.Slice(at, Vector256<ulong>.Count)) & mask;
                var equal = Vector256.Equals(four, wide).ExtractMostSignificantBits();
                if (equal != 0)
                {
                    return at + BitOperations.TrailingZeroCount(equal);
                }
            }
        }
        for (; at < all.Length; at++)
        {
            if ((all[at] & CompactMask) == sought)
            {
                return at;
            }
        }
        return -1;
    }

    public static int Copy(
        ReadOnlySpan<PeerV4> ring,
        int from,
        int scanCount,
        Span<byte> into,
        int wanted,
        in PeerV4 requester,
        in TrackerTime now
    ) =>
        Avx512CopyKernel.IsSupported
            ? CompactPeerCopier.CopyVectorized<Avx512CopyKernel>(ring, from, scanCount, into, wanted, requester, now)
        : Avx2CopyKernel.IsSupported
            ? CompactPeerCopier.CopyVectorized<Avx2CopyKernel>(ring, from, scanCount, into, wanted, requester, now)
        : CompactPeerCopier.CopyScalar(ring, from, scanCount, into, wanted, requester, now);

    public void WriteCompact(Span<byte> into)
    {
        if (!BinaryPrimitives.TryWriteUInt64LittleEndian(into, bits))
        {
            BinaryPrimitives.WriteUInt32LittleEndian(into, (uint)bits);
            BinaryPrimitives.WriteUInt16LittleEndian(into[4..], (ushort)(bits >> 32));
        }
    }
}

/// <summary>24 bytes: address, port, state, and what is known of the same client's IPv4 entry.</summary>
internal readonly struct PeerV6(ulong high, ulong low, uint portAndState, uint twin) : IPeerEntry<PeerV6>
{
    private readonly ulong high = high;
    private readonly ulong low = low;
    private readonly uint portAndState = portAndState;
    private readonly uint twin = twin;

    public static int CompactBytes => 18;

    public static bool HasPairs => true;

    public DualStackPair Pair => new(twin);

    public PeerV6 WithPair(DualStackPair twin) => new(high, low, portAndState, twin.Bits);

    public ushort State => (ushort)portAndState;

    public Endpoint Address => new(high, low, (ushort)(portAndState >> 16));

    public static ref PeerSet<PeerV6> In(PeerSets sets) => ref sets.V6;

    public static PeerV6 From(in Endpoint address, ushort state) =>
        new(address.High, address.Low, ((uint)address.Port << 16) | state, twin: 0);

    public PeerV6 WithState(ushort state) => new(high, low, (portAndState & ~0xFFFFU) | state, twin);

    public static int IndexOf(ReadOnlySpan<PeerV6> entries, in PeerV6 peer)
    {
        for (var i = 0; i < entries.Length; i++)
        {
            if (entries[i].IsSame(peer))
            {
                return i;
            }
        }
        return -1;
    }

    public bool IsSame(in PeerV6 other) =>
        low == other.low && high == other.high && (portAndState ^ other.portAndState) <= 0xFFFF;

    public uint Hash(ulong seed) =>
        (uint)(Mixing.Mix(Mixing.Mix(high ^ seed) ^ low ^ ((ulong)(portAndState >> 16) << 48)) >> 32);

    public static int Copy(
        ReadOnlySpan<PeerV6> ring,
        int from,
        int scanCount,
        Span<byte> into,
        int wanted,
        in PeerV6 requester,
        in TrackerTime now
    ) => CompactPeerCopier.CopyScalar(ring, from, scanCount, into, wanted, requester, now);

    public void WriteCompact(Span<byte> into)
    {
        BinaryPrimitives.WriteUInt64BigEndian(into, high);
        BinaryPrimitives.WriteUInt64BigEndian(into[8..], low);
        BinaryPrimitives.WriteUInt16BigEndian(into[16..], (ushort)(portAndState >> 16));
    }
}
