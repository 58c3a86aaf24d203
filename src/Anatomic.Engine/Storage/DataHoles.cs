namespace Anatomic.Engine.Storage;

/// <summary>The ranges of the piece space that a read did not find on disk.</summary>
public readonly struct DataHoles
{
    private readonly List<(long Begin, long End)>? ranges;

    private DataHoles(List<(long Begin, long End)> ranges) => this.ranges = ranges;

    /// <summary>Everything was read.</summary>
    public bool IsEmpty => ranges is null;

    /// <summary>Whether anything in the range is missing.</summary>
    public bool Overlap(long offset, long length)
    {
        if (ranges is not null)
        {
            foreach (var (begin, end) in ranges)
            {
                if (begin < offset + length && end > offset)
                {
                    return true;
                }
            }
        }
        return false;
    }

    internal DataHoles With(long begin, long end)
    {
        var more = ranges ?? [];
        more.Add((begin, end));
        return new DataHoles(more);
    }
}
