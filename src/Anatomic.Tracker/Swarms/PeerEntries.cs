using System.Buffers.Binary;
using Anatomic.Wire;

namespace Anatomic.Tracker.Swarms;

/// <summary>A peer as it is kept: address, port and the 16 bits of <see cref="PeerAge"/>.</summary>
internal interface IPeerEntry<TSelf>
    where TSelf : struct, IPeerEntry<TSelf>
{
    static abstract int CompactBytes { get; }
    static abstract TSelf From(in Endpoint address, ushort state);
    ushort State { get; }
    Endpoint Address { get; }
    TSelf WithState(ushort state);

    /// <summary>Address and port are the same, whatever the times.</summary>
    bool IsSame(in TSelf other);

    /// <summary>Over address and port; the seed is secret, so that nobody can choose addresses that collide.</summary>
    uint Hash(ulong seed);
    void WriteCompact(Span<byte> into);

    /// <summary>Whether entries of this family know their twin.</summary>
    static abstract bool HasTwins { get; }
    Twin Twin { get; }
    TSelf WithTwin(Twin twin);

    /// <summary>The set of this family.</summary>
    static abstract ref PeerSet<TSelf> In(PeerSets sets);
}

/// <summary>8 bytes: address, port, state.</summary>
internal readonly struct PeerV4(ulong bits) : IPeerEntry<PeerV4>
{
    private readonly ulong bits = bits;

    public static int CompactBytes => 6;

    public static bool HasTwins => false;

    public Twin Twin => default;

    public PeerV4 WithTwin(Twin twin) => this;

    public ushort State => (ushort)bits;

    public Endpoint Address => Endpoint.FromV4((uint)(bits >> 32), (ushort)(bits >> 16));

    public static ref PeerSet<PeerV4> In(PeerSets sets) => ref sets.V4;

    public static PeerV4 From(in Endpoint address, ushort state) =>
        new(((ulong)address.V4 << 32) | ((ulong)address.Port << 16) | state);

    public PeerV4 WithState(ushort state) => new((bits & ~0xFFFFUL) | state);

    public bool IsSame(in PeerV4 other) => (bits ^ other.bits) <= 0xFFFF;

    public uint Hash(ulong seed) => (uint)(Mixing.Mix((bits >> 16) ^ seed) >> 32);

    public void WriteCompact(Span<byte> into)
    {
        BinaryPrimitives.WriteUInt32BigEndian(into, (uint)(bits >> 32));
        BinaryPrimitives.WriteUInt16BigEndian(into[4..], (ushort)(bits >> 16));
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

    public static bool HasTwins => true;

    public Twin Twin => new(twin);

    public PeerV6 WithTwin(Twin twin) => new(high, low, portAndState, twin.Bits);

    public ushort State => (ushort)portAndState;

    public Endpoint Address => new(high, low, (ushort)(portAndState >> 16));

    public static ref PeerSet<PeerV6> In(PeerSets sets) => ref sets.V6;

    public static PeerV6 From(in Endpoint address, ushort state) =>
        new(address.High, address.Low, ((uint)address.Port << 16) | state, twin: 0);

    public PeerV6 WithState(ushort state) => new(high, low, (portAndState & ~0xFFFFU) | state, twin);

    public bool IsSame(in PeerV6 other) =>
        low == other.low && high == other.high && (portAndState ^ other.portAndState) <= 0xFFFF;

    public uint Hash(ulong seed) =>
        (uint)(Mixing.Mix(Mixing.Mix(high ^ seed) ^ low ^ ((ulong)(portAndState >> 16) << 48)) >> 32);

    public void WriteCompact(Span<byte> into)
    {
        BinaryPrimitives.WriteUInt64BigEndian(into, high);
        BinaryPrimitives.WriteUInt64BigEndian(into[8..], low);
        BinaryPrimitives.WriteUInt16BigEndian(into[16..], (ushort)(portAndState >> 16));
    }
}
