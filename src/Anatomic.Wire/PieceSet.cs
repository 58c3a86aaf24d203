using System.Numerics;

namespace Anatomic.Wire;

/// <summary>A set of pieces, one bit each, in the order of BEP 3's bitfield: the first piece is the highest bit of the first byte.</summary>
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

    /// <summary>How many pieces there are.</summary>
    public int Count { get; }

    /// <summary>How many of them are in the set.</summary>
    public int SetCount { get; private set; }

    public bool IsFull => SetCount == Count;

    public bool IsEmpty => SetCount == 0;

    /// <summary>The bitfield; unused bits at its end are zero.</summary>
    public ReadOnlySpan<byte> Bytes => bits;

    public bool this[PieceIndex piece] => this[piece.Value];

    public bool this[int piece]
    {
        get
        {
            Invariant.Holds((uint)piece < (uint)Count);
            return (bits[piece >> 3] & (0x80 >> (piece & 7))) != 0;
        }
    }

    public static int ByteCount(int pieces) => (int)(((long)pieces + 7) / 8);

    /// <summary>True when it was not in the set before.</summary>
    public bool Add(PieceIndex piece) => Add(piece.Value);

    /// <inheritdoc cref="Add(PieceIndex)"/>
    public bool Add(int piece)
    {
        if (this[piece])
        {
            return false;
        }
        bits[piece >> 3] |= (byte)(0x80 >> (piece & 7));
        SetCount++;
        return true;
    }

    /// <summary>True when it was in the set before.</summary>
    public bool Remove(PieceIndex piece) => Remove(piece.Value);

    /// <inheritdoc cref="Remove(PieceIndex)"/>
    public bool Remove(int piece)
    {
        if (!this[piece])
        {
            return false;
        }
        bits[piece >> 3] &= (byte)~(0x80 >> (piece & 7));
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

    /// <summary>Reads a bitfield (BEP 3); false when its length is not that of <paramref name="count"/> pieces or an unused bit is set.</summary>
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
}
