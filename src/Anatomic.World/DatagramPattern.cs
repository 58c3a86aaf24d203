using System.Buffers.Binary;

namespace Anatomic.World;

/// <summary>
/// What a datagram looks like on the outside: how long it is at least, and which words stand where. A server that knows the forms of
/// its protocol can have the machine drop everything else before it takes up room in a queue, where it costs least.
/// </summary>
/// <param name="MinBytes">Shorter ones are of another form.</param>
/// <param name="Words">All of them have to stand where they say, within <paramref name="MinBytes"/>.</param>
public sealed record DatagramPattern(int MinBytes, params IReadOnlyList<DatagramWord> Words)
{
    /// <summary>Whether <paramref name="datagram"/> has this form.</summary>
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

    /// <summary>Whether <paramref name="datagram"/> has one of the forms; where there are none, every datagram has.</summary>
    public static bool MatchesAny(IReadOnlyList<DatagramPattern> forms, ReadOnlySpan<byte> datagram)
    {
        foreach (var form in forms)
        {
            if (form.Matches(datagram))
            {
                return true;
            }
        }
        return forms.Count == 0;
    }
}

/// <summary>Four bytes of a datagram.</summary>
/// <param name="Offset">Of the first of them.</param>
/// <param name="Value">The most significant byte comes first.</param>
public readonly record struct DatagramWord(int Offset, uint Value);
