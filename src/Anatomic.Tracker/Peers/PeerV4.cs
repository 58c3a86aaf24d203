using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Tracker.Peers;

/// <summary>
/// 8 bytes: the compact form (BEP 23) as it is sent, then the state. Writing a reply is a copy that drops the states.
/// </summary>
internal readonly struct PeerV4(ulong bits) : IPeerEntry<PeerV4>
{
    /// <summary>The position of the state in <see cref="bits"/>.</summary>
    public const int StateShift = 48;

    /// <summary>The mask of the compact form in <see cref="bits"/>.</summary>
    public const ulong CompactMask = (1UL << StateShift) - 1;

    // The compact form with its first byte lowest, then the state.
    private readonly ulong bits = bits;

    /// <summary>The compact form with its first byte lowest.</summary>
    public ulong Compact => bits & CompactMask;

    public static int CompactBytes => 6;

    public static bool HasPairs => false;

    public DualStackPair Pair => default;

    public PeerV4 WithPair(DualStackPair pair) => this;

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

    public uint Hash(ulong seed) => (uint)(SplitMix64.Mix((bits & CompactMask) ^ seed) >> 32);

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
