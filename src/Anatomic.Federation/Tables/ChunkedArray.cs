namespace Anatomic.Federation.Tables;

/// <summary>
/// Rows of plain values in arrays of a fixed length. Growth copies no row, however many there are, and leaves at most
/// one array unused.
/// </summary>
internal sealed class ChunkedArray<T>
    where T : struct
{
    private const int ChunkBits = 8;
    private const int ChunkRows = 1 << ChunkBits;

    private readonly List<T[]> chunks = [];

    public ref T this[int row] => ref chunks[row >> ChunkBits][row & (ChunkRows - 1)];

    /// <summary>Ensures that the rows below this number exist; new ones are zero.</summary>
    public void EnsureLength(int rows)
    {
        while (chunks.Count << ChunkBits < rows)
        {
            chunks.Add(new T[ChunkRows]);
        }
    }

    /// <summary>Releases all arrays that lie wholly at or beyond this row.</summary>
    public void TrimTo(int rows)
    {
        var kept = (rows + ChunkRows - 1) >> ChunkBits;
        if (kept < chunks.Count)
        {
            chunks.RemoveRange(kept, chunks.Count - kept);
        }
    }
}
