namespace Anatomic.Engine.Storage;

/// <summary>A range of a piece that lies in several parts, without copying.</summary>
internal static class Segments
{
    public static IReadOnlyList<ReadOnlyMemory<byte>> Of(
        IReadOnlyList<ReadOnlyMemory<byte>> parts,
        int offset,
        int length
    )
    {
        var slice = new List<ReadOnlyMemory<byte>>(parts.Count);
        foreach (var part in parts)
        {
            if (length == 0)
            {
                break;
            }
            if (offset >= part.Length)
            {
                offset -= part.Length;
                continue;
            }
            var taken = Math.Min(part.Length - offset, length);
            slice.Add(part.Slice(offset, taken));
            offset = 0;
            length -= taken;
        }
        return slice;
    }
}
