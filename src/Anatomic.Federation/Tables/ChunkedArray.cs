namespace Anatomic.Federation.Tables;

/// <summary>
/// Rows of plain values in arrays of a fixed length: growing copies no row, whatever their number, and leaves at most one
/// array unused.
/// </summary>
internal sealed class ChunkedArray<T>
    where T : struct
{
    private const int ChunkBits = 8;
    private const int ChunkRows = 1 << ChunkBits;

    private readonly List<T[]> chunks = [];

    public ref T this[int row] => ref chunks[row >> ChunkBits][row & (ChunkRows - 1)];

    /// <summary>Makes room for the rows below this number; the new ones are zero.</summary>
    public void EnsureLength(int rows)
    {
        while (chunks.Count << ChunkBits < rows)
        {
            chunks.Add(new T[ChunkRows]);
        }
    }

    /// <summary>Gives back what lies at and beyond this number, but for the rest of its array.</summary>
    public void TrimTo(int rows)
    {
        var kept = (rows + ChunkRows - 1) >> ChunkBits;
        if (kept < chunks.Count)
        {
            chunks.RemoveRange(kept, chunks.Count - kept);
        }
    }
}
