using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace Anatomic.Wire.Peers;

/// <summary>A set of pieces, one bit each, in the layout of the bitfield message (BEP 3): the first piece is the highest bit.</summary>
public sealed class PieceBits
{
    private readonly byte[] bits;

    /// <param name="length">Number of pieces.</param>
    public PieceBits(int length)
    {
        Invariant.Holds(length >= 0);
        Length = length;
        bits = new byte[(length + 7) / 8];
    }

    /// <summary>Number of pieces.</summary>
    public int Length { get; }

    /// <summary>How many are in the set.</summary>
    public int Count { get; private set; }

    public bool All => Count == Length;

    /// <summary>The bytes of a bitfield message.</summary>
    public ReadOnlySpan<byte> Bytes => bits;

    public bool this[int piece]
    {
        get => (bits[piece >> 3] & (0x80 >> (piece & 7))) != 0;
        set
        {
            if (this[piece] == value)
            {
                return;
            }
            bits[piece >> 3] ^= (byte)(0x80 >> (piece & 7));
            Count += value ? 1 : -1;
        }
    }

    public void SetAll()
    {
        bits.AsSpan().Fill(0xff);
        if ((Length & 7) != 0)
        {
            bits[^1] = (byte)(0xff << (8 - (Length & 7)));
        }
        Count = Length;
    }

    public void Clear()
    {
        bits.AsSpan().Clear();
        Count = 0;
    }

    /// <summary>Reads a bitfield: its length must be exact and its spare bits zero (BEP 3).</summary>
    public static bool TryRead(
        ReadOnlySpan<byte> payload,
        int length,
        [NotNullWhen(true)] out PieceBits? read,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        read = null;
        var exact = (length + 7) / 8;
        if (payload.Length != exact)
        {
            fault = new Fault($"a bitfield of {length:N0} pieces has {exact:N0} bytes, not {payload.Length:N0}");
            return false;
        }
        if ((length & 7) != 0 && (byte)(payload[^1] << (length & 7)) != 0)
        {
            fault = new Fault("a bitfield's spare bits are not zero", payload.Length - 1);
            return false;
        }
        read = new PieceBits(length);
        payload.CopyTo(read.bits);
        foreach (var part in payload)
        {
            read.Count += BitOperations.PopCount(part);
        }
        fault = null;
        return true;
    }
}
