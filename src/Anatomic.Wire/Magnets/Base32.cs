namespace Anatomic.Wire.Magnets;

/// <summary>Base32 of RFC 4648 without padding, as old magnet links write a v1 info-hash.</summary>
internal static class Base32
{
    /// <summary>Reads 32 digits, in either case, into 20 bytes.</summary>
    public static bool TryRead(ReadOnlySpan<char> text, out Hash20 hash)
    {
        Span<byte> bytes = stackalloc byte[Hash20.Length];
        hash = default;
        if (text.Length != 32)
        {
            return false;
        }
        var (bits, held, at) = (0u, 0, 0);
        foreach (var letter in text)
        {
            var value = char.ToUpperInvariant(letter) switch
            {
                >= 'A' and <= 'Z' and var upper => upper - 'A',
                >= '2' and <= '7' and var digit => digit - '2' + 26,
                _ => -1,
            };
            if (value < 0)
            {
                return false;
            }
            bits = bits << 5 | (uint)value;
            held += 5;
            if (held >= 8)
            {
                held -= 8;
                bytes[at++] = (byte)(bits >> held);
            }
        }
        hash = new Hash20(bytes);
        return true;
    }
}
