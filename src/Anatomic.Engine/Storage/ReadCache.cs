using System.Buffers;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Engine.Storage;

/// <summary>Caches a torrent's data for uploads, in large extents with one extent of read-ahead.</summary>
internal sealed class ReadCache(TorrentStorage storage, CancellationToken stop)
{
    private readonly Dictionary<long, ReadExtent> extents = [];
    private long uses;

    private TorrentInfo Info => storage.Info;

    /// <summary>
    /// Returns the extent with the byte at the offset. Await its <see cref="ReadExtent.Read"/> before use.
    /// </summary>
    public ReadExtent Get(long offset)
    {
        var index = offset / EngineLimits.ReadExtentBytes;
        var extent = Touch(index);
        // A peer that reads one extent usually continues with the next one, so we read it while this one is sent.
        if ((index + 1) * EngineLimits.ReadExtentBytes < Info.SpaceLength && !extents.ContainsKey(index + 1))
        {
            Touch(index + 1);
        }
        return extent;
    }

    /// <summary>Drops the extents that overlap a newly written range.</summary>
    public void Invalidate(long offset, long length)
    {
        var last = (offset + length - 1) / EngineLimits.ReadExtentBytes;
        for (var index = offset / EngineLimits.ReadExtentBytes; index <= last; index++)
        {
            extents.Remove(index);
        }
    }

    public void Clear()
    {
        foreach (var extent in extents.Values.Where(IsEvictable))
        {
            ArrayPool<byte>.Shared.Return(extent.Bytes);
        }
        extents.Clear();
    }

    private static bool IsEvictable(ReadExtent extent) => extent.Users == 0 && extent.Read.IsCompleted;

    private ReadExtent Touch(long index)
    {
        if (!extents.TryGetValue(index, out var extent))
        {
            MakeRoom();
            extent = new ReadExtent(index, ArrayPool<byte>.Shared.Rent(EngineLimits.ReadExtentBytes));
            extents.Add(index, extent);
            extent.Read = ReadAsync(extent);
        }
        extent.LastUse = ++uses;
        return extent;
    }

    private async Task ReadAsync(ReadExtent extent)
    {
        var from = extent.Index * EngineLimits.ReadExtentBytes;
        var length = (int)Math.Min(EngineLimits.ReadExtentBytes, Info.SpaceLength - from);
        try
        {
            extent.Length = await storage.ReadAsync(from, extent.Bytes.AsMemory(0, length), stop);
        }
        catch
        {
            // Let the next request read again instead of returning this failure.
            if (extents.GetValueOrDefault(extent.Index) == extent)
            {
                extents.Remove(extent.Index);
            }
            throw;
        }
    }

    private void MakeRoom()
    {
        if (extents.Count < EngineLimits.MaxReadExtents)
        {
            return;
        }
        ReadExtent? oldest = null;
        foreach (var extent in extents.Values)
        {
            if (IsEvictable(extent) && (oldest is null || extent.LastUse < oldest.LastUse))
            {
                oldest = extent;
            }
        }
        if (oldest is not null)
        {
            extents.Remove(oldest.Index);
            ArrayPool<byte>.Shared.Return(oldest.Bytes);
        }
    }
}
