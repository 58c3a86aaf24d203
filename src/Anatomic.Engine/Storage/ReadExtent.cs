namespace Anatomic.Engine.Storage;

/// <summary>A stretch of the piece space in memory, read at once and sent in slices.</summary>
internal sealed class ReadExtent(long index, byte[] bytes)
{
    public long Index { get; } = index;
    public byte[] Bytes { get; } = bytes;

    /// <summary>Bytes that were really there.</summary>
    public int Length { get; set; }

    /// <summary>Sends under way that point into it.</summary>
    public int Users { get; set; }

    /// <summary>Counts up with every use of the cache.</summary>
    public long LastUse { get; set; }

    /// <summary>The read that fills it.</summary>
    public Task Reading { get; set; } = Task.CompletedTask;
}
