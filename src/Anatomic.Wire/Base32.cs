namespace Anatomic.Wire;

/// <summary>Base32 (RFC 4648) without padding, written in lower case and read in either.</summary>
public static class Base32
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        var text = new char[((bytes.Length * 8) + 4) / 5];
        var (bits, held, at) = (0u, 0, 0);
        foreach (var one in bytes)
        {
            bits = (bits << 8) | one;
            held += 8;
            while (held >= 5)
            {
                held -= 5;
                text[at++] = Alphabet[(int)(bits >> held) & 31];
            }
        }
        if (held > 0)
        {
            text[at] = Alphabet[(int)(bits << (5 - held)) & 31];
        }
        return new string(text);
    }

    /// <summary>
    /// Fills <paramref name="into"/> exactly. False for other characters, another length, or spare bits that are not
    /// zero.
    /// </summary>
    public static bool TryDecode(ReadOnlySpan<char> text, Span<byte> into)
    {
        if (text.Length != ((into.Length * 8) + 4) / 5)
        {
            return false;
        }
        var (bits, held, at) = (0u, 0, 0);
        foreach (var letter in text)
        {
            var value = Alphabet.IndexOf(char.ToLowerInvariant(letter), StringComparison.Ordinal);
            if (value < 0 || !char.IsAscii(letter))
            {
                return false;
            }
            bits = (bits << 5) | (uint)value;
            held += 5;
            if (held >= 8)
            {
                held -= 8;
                into[at++] = (byte)(bits >> held);
            }
        }
        return (bits & ((1u << held) - 1)) == 0;
    }
}
