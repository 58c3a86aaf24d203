namespace Anatomic.Engine.Storage;

/// <summary>A cached range of a torrent's data; read at once and sent in slices.</summary>
internal sealed class ReadExtent(long index, byte[] bytes)
{
    /// <summary>The position, in units of <see cref="EngineLimits.ReadExtentBytes"/>.</summary>
    public long Index { get; } = index;
    public byte[] Bytes { get; } = bytes;

    /// <summary>The number of bytes that were read.</summary>
    public int Length { get; set; }

    /// <summary>The number of sends and waits that use it; it is evicted only at 0.</summary>
    public int Users { get; set; }

    /// <summary>The use counter of the cache at the last use.</summary>
    public long LastUse { get; set; }

    /// <summary>The read that fills it.</summary>
    public Task Read { get; set; } = Task.CompletedTask;
}
