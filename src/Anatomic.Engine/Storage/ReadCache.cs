using System.Buffers;

namespace Anatomic.Engine.Storage;

/// <summary>
/// Caches data for uploads, in large extents with one extent of read-ahead. All torrents of a loop share it, and the
/// least recently used extent is replaced first.
/// </summary>
internal sealed class ReadCache(int maxExtents)
{
    private readonly Dictionary<(TorrentStorage Storage, long Index), ReadExtent> extents = [];
    private readonly LinkedList<ReadExtent> byUse = new();

    public int Count => extents.Count;

    /// <summary>
    /// Returns the extent with the byte at the offset. Await its <see cref="ReadExtent.Read"/> before use.
    /// </summary>
    public ReadExtent Get(TorrentStorage storage, long offset, CancellationToken stop)
    {
        var index = offset / EngineLimits.ReadExtentBytes;
        var extent = Touch(storage, index, stop);
        // A peer that reads one extent usually continues with the next one, so we read it while this one is sent.
        if (
            (index + 1) * EngineLimits.ReadExtentBytes < storage.Info.SpaceLength
            && !extents.ContainsKey((storage, index + 1))
        )
        {
            // In use meanwhile, so that the read ahead does not evict what is about to be used.
            extent.Users++;
            Touch(storage, index + 1, stop);
            extent.Users--;
        }
        return extent;
    }

    /// <summary>Drops the extents that overlap a newly written range.</summary>
    public void Invalidate(TorrentStorage storage, long offset, long length)
    {
        var last = (offset + length - 1) / EngineLimits.ReadExtentBytes;
        for (var index = offset / EngineLimits.ReadExtentBytes; index <= last; index++)
        {
            if (extents.TryGetValue((storage, index), out var extent))
            {
                Remove(extent);
            }
        }
    }

    /// <summary>Drops everything of a torrent.</summary>
    public void Clear(TorrentStorage storage)
    {
        foreach (var extent in extents.Values.Where(extent => extent.Storage == storage).ToArray())
        {
            Remove(extent);
        }
    }

    private static bool IsEvictable(ReadExtent extent) => extent.Users == 0 && extent.Read.IsCompleted;

    private ReadExtent Touch(TorrentStorage storage, long index, CancellationToken stop)
    {
        if (extents.TryGetValue((storage, index), out var extent))
        {
            byUse.Remove(extent.Position);
            byUse.AddLast(extent.Position);
            return extent;
        }
        MakeRoom();
        extent = new ReadExtent(storage, index, ArrayPool<byte>.Shared.Rent(EngineLimits.ReadExtentBytes));
        extents.Add((storage, index), extent);
        byUse.AddLast(extent.Position);
        extent.Read = ReadAsync(extent, stop);
        return extent;
    }

    private async Task ReadAsync(ReadExtent extent, CancellationToken stop)
    {
        var from = extent.Index * EngineLimits.ReadExtentBytes;
        var length = (int)Math.Min(EngineLimits.ReadExtentBytes, extent.Storage.Info.SpaceLength - from);
        try
        {
            extent.Holes = await extent.Storage.ReadAsync(from, extent.Bytes.AsMemory(0, length), stop);
        }
        catch
        {
            // Let the next request read again instead of returning this failure.
            if (extents.GetValueOrDefault((extent.Storage, extent.Index)) == extent)
            {
                extents.Remove((extent.Storage, extent.Index));
                byUse.Remove(extent.Position);
            }
            throw;
        }
    }

    private void MakeRoom()
    {
        if (extents.Count < maxExtents)
        {
            return;
        }
        for (var oldest = byUse.First; oldest is not null; oldest = oldest.Next)
        {
            if (IsEvictable(oldest.Value))
            {
                Remove(oldest.Value);
                return;
            }
        }
    }

    /// <summary>Memory that is still in use is left to the garbage collector.</summary>
    private void Remove(ReadExtent extent)
    {
        extents.Remove((extent.Storage, extent.Index));
        byUse.Remove(extent.Position);
        if (IsEvictable(extent))
        {
            ArrayPool<byte>.Shared.Return(extent.Bytes);
        }
    }
}
