namespace Anatomic.Machine.Identity;

/// <summary>The low-s rule of ECDSA signatures over P-256, with its order n (FIPS 186-5, SP 800-186 3.2.1.3).</summary>
internal static class LowS
{
    private static ReadOnlySpan<byte> Order =>
        [
            0xFF,
            0xFF,
            0xFF,
            0xFF,
            0x00,
            0x00,
            0x00,
            0x00,
            0xFF,
            0xFF,
            0xFF,
            0xFF,
            0xFF,
            0xFF,
            0xFF,
            0xFF,
            0xBC,
            0xE6,
            0xFA,
            0xAD,
            0xA7,
            0x17,
            0x9E,
            0x84,
            0xF3,
            0xB9,
            0xCA,
            0xC2,
            0xFC,
            0x63,
            0x25,
            0x51,
        ];

    private static ReadOnlySpan<byte> Half =>
        [
            0x7F,
            0xFF,
            0xFF,
            0xFF,
            0x80,
            0x00,
            0x00,
            0x00,
            0x7F,
            0xFF,
            0xFF,
            0xFF,
            0xFF,
            0xFF,
            0xFF,
            0xFF,
            0xDE,
            0x73,
            0x7D,
            0x56,
            0xD3,
            0x8B,
            0xCF,
            0x42,
            0x79,
            0xDC,
            0xE5,
            0x61,
            0x7E,
            0x31,
            0x92,
            0xA8,
        ];

    /// <summary>Whether a big-endian number is within 1 … n−1.</summary>
    public static bool IsScalar(ReadOnlySpan<byte> number) =>
        number.Length == Order.Length && number.ContainsAnyExcept((byte)0) && number.SequenceCompareTo(Order) < 0;

    /// <summary>Whether s is at most n/2.</summary>
    public static bool IsLow(ReadOnlySpan<byte> s) => s.SequenceCompareTo(Half) <= 0;

    /// <summary>Replaces an s of the upper half by n−s, which is equally valid.</summary>
    public static void Normalise(Span<byte> s)
    {
        if (IsLow(s))
        {
            return;
        }
        var borrow = 0;
        for (var i = Order.Length - 1; i >= 0; i--)
        {
            var difference = Order[i] - s[i] - borrow;
            borrow = difference < 0 ? 1 : 0;
            s[i] = (byte)difference;
        }
    }
}
