using System.Buffers;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Engine.Storage;

/// <summary>Reads for uploading in large extents, one ahead, and keeps the latest.</summary>
internal sealed class ReadCache(TorrentStorage storage, CancellationToken stop)
{
    private readonly Dictionary<long, ReadExtent> extents = [];
    private long uses;

    private TorrentInfo Info => storage.Info;

    /// <summary>The extent that holds the byte, being read if need be; await its <see cref="ReadExtent.Reading"/>.</summary>
    public ReadExtent Get(long offset)
    {
        var index = offset / EngineLimits.ReadExtentBytes;
        var extent = Touch(index);
        // Whoever reads one extent mostly wants the next: it is read while this one is sent.
        if ((index + 1) * EngineLimits.ReadExtentBytes < Info.SpaceLength && !extents.ContainsKey(index + 1))
        {
            Touch(index + 1);
        }
        return extent;
    }

    /// <summary>A piece was written: what was read before at its place is stale.</summary>
    public void Forget(long offset, long length)
    {
        var last = (offset + length - 1) / EngineLimits.ReadExtentBytes;
        for (var index = offset / EngineLimits.ReadExtentBytes; index <= last; index++)
        {
            extents.Remove(index);
        }
    }

    public void Clear()
    {
        foreach (var extent in extents.Values.Where(e => e.Users == 0 && e.Reading.IsCompleted))
        {
            ArrayPool<byte>.Shared.Return(extent.Bytes);
        }
        extents.Clear();
    }

    private ReadExtent Touch(long index)
    {
        if (!extents.TryGetValue(index, out var extent))
        {
            MakeRoom();
            extent = new ReadExtent(index, ArrayPool<byte>.Shared.Rent(EngineLimits.ReadExtentBytes));
            extents.Add(index, extent);
            extent.Reading = ReadAsync(extent);
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
            // The next request tries again instead of finding the old failure.
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
            if (extent.Users == 0 && extent.Reading.IsCompleted && (oldest is null || extent.LastUse < oldest.LastUse))
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
