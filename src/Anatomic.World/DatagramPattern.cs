using System.Buffers.Binary;

namespace Anatomic.World;

/// <summary>
/// What a datagram of a protocol looks like: its least length, and the words it contains at fixed offsets. A server
/// that names its patterns lets the system drop everything else in the kernel, where it costs least.
/// </summary>
/// <param name="MinBytes">Least length, in bytes.</param>
/// <param name="Words">All of them must match; they lie within the first <paramref name="MinBytes"/>.</param>
public sealed record DatagramPattern(int MinBytes, params IReadOnlyList<DatagramWord> Words)
{
    /// <summary>Whether <paramref name="datagram"/> has this pattern.</summary>
    public bool Matches(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length < MinBytes)
        {
            return false;
        }
        foreach (var word in Words)
        {
            if (BinaryPrimitives.ReadUInt32BigEndian(datagram[word.Offset..]) != word.Value)
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>
    /// Whether <paramref name="datagram"/> has one of the patterns. Without any pattern, every datagram matches.
    /// </summary>
    public static bool MatchesAny(IReadOnlyList<DatagramPattern> patterns, ReadOnlySpan<byte> datagram)
    {
        foreach (var pattern in patterns)
        {
            if (pattern.Matches(datagram))
            {
                return true;
            }
        }
        return patterns.Count == 0;
    }
}

/// <summary>A 32-bit word of a datagram, in network byte order.</summary>
/// <param name="Offset">Offset of its first byte.</param>
/// <param name="Value">The value it must have.</param>
public readonly record struct DatagramWord(int Offset, uint Value);
