namespace Anatomic.Engine.Storage;

/// <summary>Helpers for data that lies in several memory segments.</summary>
internal static class Segments
{
    /// <summary>Returns a range of the data without copying it.</summary>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Slice(
        IReadOnlyList<ReadOnlyMemory<byte>> segments,
        int offset,
        int length
    )
    {
        var slice = new List<ReadOnlyMemory<byte>>(segments.Count);
        foreach (var segment in segments)
        {
            if (length == 0)
            {
                break;
            }
            if (offset >= segment.Length)
            {
                offset -= segment.Length;
                continue;
            }
            var count = Math.Min(segment.Length - offset, length);
            slice.Add(segment.Slice(offset, count));
            offset = 0;
            length -= count;
        }
        return slice;
    }
}
