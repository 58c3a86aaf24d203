using System.Numerics;

namespace Anatomic.Wire;

/// <summary>
/// A set of pieces, stored as BEP 3's bitfield: the first piece is the highest bit of the first byte.
/// </summary>
public sealed class PieceSet
{
    private readonly byte[] bits;

    public PieceSet(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        Count = count;
        bits = new byte[ByteCount(count)];
    }

    private PieceSet(PieceSet other)
    {
        Count = other.Count;
        SetCount = other.SetCount;
        bits = [.. other.bits];
    }

    /// <summary>Pieces of the torrent.</summary>
    public int Count { get; }

    /// <summary>Pieces in the set.</summary>
    public int SetCount { get; private set; }

    public bool IsFull => SetCount == Count;

    public bool IsEmpty => SetCount == 0;

    /// <summary>The bitfield; unused bits at its end are zero.</summary>
    public ReadOnlySpan<byte> Bytes => bits;

    public bool this[PieceIndex piece]
    {
        get
        {
            Invariant.Holds((uint)piece.Value < (uint)Count);
            return (bits[piece.Value >> 3] & BitOf(piece)) != 0;
        }
    }

    /// <summary>Length of the bitfield of <paramref name="pieces"/> pieces, in bytes.</summary>
    public static int ByteCount(int pieces) => (int)(((long)pieces + 7) / 8);

    /// <returns>True when the piece was not in the set before.</returns>
    public bool Add(PieceIndex piece)
    {
        if (this[piece])
        {
            return false;
        }
        bits[piece.Value >> 3] |= BitOf(piece);
        SetCount++;
        return true;
    }

    /// <returns>True when the piece was in the set before.</returns>
    public bool Remove(PieceIndex piece)
    {
        if (!this[piece])
        {
            return false;
        }
        bits[piece.Value >> 3] &= (byte)~BitOf(piece);
        SetCount--;
        return true;
    }

    public void AddAll()
    {
        bits.AsSpan().Fill(0xff);
        if ((Count & 7) != 0)
        {
            bits[^1] = (byte)(0xff << (8 - (Count & 7)));
        }
        SetCount = Count;
    }

    public PieceSet Clone() => new(this);

    /// <summary>
    /// Reads a bitfield (BEP 3). False when its length does not fit <paramref name="count"/> pieces or an unused bit is
    /// set.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, int count, out PieceSet set)
    {
        set = new PieceSet(count);
        var unused = (8 - (count & 7)) & 7;
        if (bytes.Length != set.bits.Length || (unused > 0 && (bytes[^1] & ((1 << unused) - 1)) != 0))
        {
            return false;
        }
        bytes.CopyTo(set.bits);
        foreach (var one in bytes)
        {
            set.SetCount += BitOperations.PopCount(one);
        }
        return true;
    }

    private static byte BitOf(PieceIndex piece) => (byte)(0x80 >> (piece.Value & 7));
}
