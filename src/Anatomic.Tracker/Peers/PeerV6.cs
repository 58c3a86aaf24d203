using System.Buffers.Binary;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Tracker.Peers;

/// <summary>24 bytes: address, port, state, and the link to the same client's IPv4 entry.</summary>
internal readonly struct PeerV6(ulong high, ulong low, uint portAndState, uint pair) : IPeerEntry<PeerV6>
{
    private readonly ulong high = high;
    private readonly ulong low = low;
    private readonly uint portAndState = portAndState;
    private readonly uint pair = pair;

    public static int CompactBytes => 18;

    public static bool HasPairs => true;

    public DualStackPair Pair => new(pair);

    public PeerV6 WithPair(DualStackPair pair) => new(high, low, portAndState, pair.Bits);

    public ushort State => (ushort)portAndState;

    public Endpoint Address => new(high, low, (ushort)(portAndState >> 16));

    public static ref PeerSet<PeerV6> In(PeerSets sets) => ref sets.V6;

    public static PeerV6 From(in Endpoint address, ushort state) =>
        new(address.High, address.Low, ((uint)address.Port << 16) | state, pair: 0);

    public PeerV6 WithState(ushort state) => new(high, low, (portAndState & ~0xFFFFU) | state, pair);

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
        (uint)(SplitMix64.Mix(SplitMix64.Mix(high ^ seed) ^ low ^ ((ulong)(portAndState >> 16) << 48)) >> 32);

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
