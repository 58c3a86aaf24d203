namespace Anatomic.Engine.Storage;

/// <summary>A cached range of a torrent's data; read at once and sent in slices.</summary>
internal sealed class ReadExtent
{
    public ReadExtent(TorrentStorage storage, long index, byte[] bytes)
    {
        Storage = storage;
        Index = index;
        Bytes = bytes;
        Position = new LinkedListNode<ReadExtent>(this);
    }

    public TorrentStorage Storage { get; }

    /// <summary>The position, in units of <see cref="EngineLimits.ReadExtentBytes"/>.</summary>
    public long Index { get; }
    public byte[] Bytes { get; }

    /// <summary>What of it is not on disk, once it was read.</summary>
    public DataHoles Holes { get; set; }

    /// <summary>The number of sends and waits that use it; it is evicted only at 0.</summary>
    public int Users { get; set; }

    /// <summary>The read that fills it.</summary>
    public Task Read { get; set; } = Task.CompletedTask;

    public LinkedListNode<ReadExtent> Position { get; }
}
