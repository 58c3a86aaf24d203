using System.Buffers.Text;

namespace Anatomic.Wire.Trackers;

/// <summary>Writes addresses as text without allocating: <c>1.2.3.4</c>, and IPv6 as in RFC 5952.</summary>
internal static class AddressText
{
    /// <summary>Eight groups of four digits, and their colons.</summary>
    public const int MaxBytes = 39;

    private const int Groups = 8;

    /// <returns>
    /// The number of bytes written to <paramref name="into"/>, which has at least <see cref="MaxBytes"/>.
    /// </returns>
    public static int Write(in Endpoint endpoint, Span<byte> into)
    {
        if (!endpoint.IsV4)
        {
            return WriteV6(endpoint, into);
        }
        var length = 0;
        for (var shift = 24; shift >= 0; shift -= 8)
        {
            Invariant.Holds(Utf8Formatter.TryFormat((byte)(endpoint.V4 >> shift), into[length..], out var digits));
            length += digits;
            if (shift > 0)
            {
                into[length++] = (byte)'.';
            }
        }
        return length;
    }

    private static int WriteV6(in Endpoint endpoint, Span<byte> into)
    {
        var (gap, gapLength) = LongestGap(endpoint);
        var length = 0;
        for (var group = 0; group < Groups; group++)
        {
            if (group == gap)
            {
                into[length++] = (byte)':';
                into[length++] = (byte)':';
                group += gapLength - 1;
                continue;
            }
            if (group > 0 && group != gap + gapLength)
            {
                into[length++] = (byte)':';
            }
            Invariant.Holds(Utf8Formatter.TryFormat(GroupOf(endpoint, group), into[length..], out var digits, 'x'));
            length += digits;
        }
        return length;
    }

    /// <summary>
    /// The first of the longest runs of two or more zero groups (RFC 5952, 4.2); (-1, 0) when there is none.
    /// </summary>
    private static (int At, int Length) LongestGap(in Endpoint endpoint)
    {
        var best = (At: -1, Length: 0);
        var begin = 0;
        for (var group = 0; group < Groups; group++)
        {
            if (GroupOf(endpoint, group) != 0)
            {
                begin = group + 1;
            }
            else if (group + 1 - begin is >= 2 and var run && run > best.Length)
            {
                best = (begin, run);
            }
        }
        return best;
    }

    private static ushort GroupOf(in Endpoint endpoint, int group) =>
        (ushort)((group < 4 ? endpoint.High : endpoint.Low) >> (48 - (16 * (group & 3))));
}
