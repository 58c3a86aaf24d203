using System.Text;

namespace Anatomic.Wire.Trackers;

/// <summary>Percent-encoding of raw bytes (RFC 3986, 2.1), used for info-hashes and peer ids in queries.</summary>
public static class PercentEncoding
{
    private const string Hex = "0123456789ABCDEF";

    private const byte NoDigit = 16;

    /// <summary>By character: 0 to 15, or <see cref="NoDigit"/> when it is not a hexadecimal digit.</summary>
    private static readonly byte[] Digits = TableOfDigits();

    /// <summary>Appends unreserved characters unchanged and every other byte as %XX.</summary>
    public static void Append(StringBuilder into, ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes)
        {
            if (IsUnreserved(value))
            {
                into.Append((char)value);
            }
            else
            {
                into.Append('%').Append(Hex[value >> 4]).Append(Hex[value & 15]);
            }
        }
    }

    /// <summary>
    /// Decodes %XX. A percent sign without two hexadecimal digits stands for itself, as several old clients send it. A
    /// plus sign is not a space: info-hashes are not form fields. False when <paramref name="into"/> is too short.
    /// </summary>
    public static bool TryDecode(ReadOnlySpan<byte> text, Span<byte> into, out int length)
    {
        var plain = text.IndexOf((byte)'%');
        length = Math.Min(plain < 0 ? text.Length : plain, into.Length);
        text[..length].CopyTo(into);
        var at = length;
        ReadOnlySpan<byte> digits = Digits;
        // Without branches on the data: which bytes of a hash are escaped is random, so no branch could be predicted.
        while (at < text.Length - 2 && length < into.Length)
        {
            var value = text[at];
            var (high, low) = (digits[text[at + 1]], digits[text[at + 2]]);
            var isEscape = (value == '%' ? 1 : 0) & ((high | low) < NoDigit ? 1 : 0);
            into[length++] = (byte)(value ^ ((value ^ ((high << 4) | low)) & -isEscape));
            at += 1 + (2 * isEscape);
        }
        while (at < text.Length && length < into.Length)
        {
            into[length++] = text[at++];
        }
        return at == text.Length;
    }

    private static bool IsUnreserved(byte value) =>
        char.IsAsciiLetterOrDigit((char)value) || value is (byte)'-' or (byte)'.' or (byte)'_' or (byte)'~';

    private static byte[] TableOfDigits()
    {
        var table = new byte[256];
        table.AsSpan().Fill(NoDigit);
        for (var digit = 0; digit < Hex.Length; digit++)
        {
            table[Hex[digit]] = (byte)digit;
            table[char.ToLowerInvariant(Hex[digit])] = (byte)digit;
        }
        return table;
    }
}
