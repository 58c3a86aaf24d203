using System.Text;

namespace Anatomic.Wire.Trackers;

/// <summary>Percent-encoding of raw bytes (RFC 3986, 2.1), as info-hashes and peer ids travel in a query.</summary>
public static class PercentEncoding
{
    private const string Hex = "0123456789ABCDEF";

    /// <summary>Unreserved characters as they are, every other byte as %XX.</summary>
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
    /// Decodes %XX; a percent sign without two hexadecimal digits stands for itself, as several old clients send it. False when
    /// <paramref name="into"/> is too short. The plus sign stays one: info-hashes are not form fields.
    /// </summary>
    public static bool TryDecode(ReadOnlySpan<byte> text, Span<byte> into, out int length)
    {
        length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (length == into.Length)
            {
                return false;
            }
            var value = text[i];
            if (value == '%' && i + 2 < text.Length)
            {
                var high = HexOf(text[i + 1]);
                var low = HexOf(text[i + 2]);
                if ((high | low) >= 0)
                {
                    value = (byte)((high << 4) | low);
                    i += 2;
                }
            }
            into[length++] = value;
        }
        return true;
    }

    private static bool IsUnreserved(byte value) =>
        char.IsAsciiLetterOrDigit((char)value) || value is (byte)'-' or (byte)'.' or (byte)'_' or (byte)'~';

    /// <summary>0 to 15, or -1.</summary>
    private static int HexOf(byte digit) =>
        digit switch
        {
            >= (byte)'0' and <= (byte)'9' => digit - '0',
            >= (byte)'a' and <= (byte)'f' => digit - 'a' + 10,
            >= (byte)'A' and <= (byte)'F' => digit - 'A' + 10,
            _ => -1,
        };
}
