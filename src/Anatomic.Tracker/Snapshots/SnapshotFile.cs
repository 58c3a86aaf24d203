using Anatomic.Tracker.Requests;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Tracker.Snapshots;

/// <summary>
/// The swarms in one file, so that a planned restart loses no peer: a chunk after the other, each with its checksum, and a last one
/// that says that they are all there.
/// </summary>
internal sealed class SnapshotFile(TrackerCore core, IDisk disk, string path)
{
    private static readonly Fault Changed = new("it changed while it was read");

    /// <summary>Writes beside the file and renames over it: a crash leaves the old one or the new one whole.</summary>
    public async Task SaveAsync(CancellationToken stop)
    {
        var beside = path + ".new";
        try
        {
            await using (var file = await disk.OpenAsync(beside, OpenMode.Write, stop))
            {
                file.SetLength(0);
                await WriteAsync(file, stop);
                await file.FlushAsync(stop);
            }
            await disk.RenameAsync(beside, path, stop);
        }
        catch
        {
            disk.Delete(beside);
            throw;
        }
    }

    /// <summary>All or nothing: the whole file is checked before the first of its peers is taken.</summary>
    public async Task<SnapshotLoadResult> LoadAsync(CancellationToken stop)
    {
        if (disk.Find(path) is not { IsFolder: false })
        {
            return new SnapshotLoadResult(0, null);
        }
        await using var file = await disk.OpenAsync(path, OpenMode.Read, stop);
        var (_, fault) = await ReadAsync(file, take: false, stop);
        if (fault is not null)
        {
            return new SnapshotLoadResult(0, fault);
        }
        var (peers, broke) = await ReadAsync(file, take: true, stop);
        return new SnapshotLoadResult(peers, broke is null ? null : Changed);
    }

    private async Task WriteAsync(IFile file, CancellationToken stop)
    {
        var chunk = new SnapshotChunk();
        var (number, offset) = (0L, 0L);
        async Task PutAsync(ChunkKind kind)
        {
            var bytes = chunk.Seal(kind, number++);
            await file.WriteAsync(offset, [bytes], stop);
            offset += bytes.Length;
        }
        SnapshotReader.WriteHead(chunk, core.UtcNow);
        await PutAsync(ChunkKind.Head);
        var writing = new SnapshotWriter(chunk, core.Tick) { Now = core.Now() };
        foreach (var shard in core.Swarms.Shards)
        {
            var slot = 0;
            while (!shard.Visit(ref slot, ref writing))
            {
                // The chunk is full, or enough was looked at under one hold of the lock.
                if (chunk.Length > SnapshotChunk.MaxPayloadBytes / 2)
                {
                    await PutAsync(ChunkKind.Swarms);
                }
            }
        }
        if (chunk.Length > 0)
        {
            await PutAsync(ChunkKind.Swarms);
        }
        SnapshotReader.WriteEnd(chunk, writing.Records, writing.Peers);
        await PutAsync(ChunkKind.End);
    }

    private async Task<(long Peers, Fault? Fault)> ReadAsync(IFile file, bool take, CancellationToken stop)
    {
        var buffer = new byte[SnapshotChunk.MaxBytes];
        var reader = new SnapshotReader();
        var (offset, peers) = (0L, 0L);
        do
        {
            var read = await file.ReadAsync(offset, buffer, stop);
            var fits = SnapshotChunk.TryReadLength(buffer.AsSpan(0, read), out var length) && length <= read;
            var chunk = buffer.AsSpan(0, fits ? length : read);
            if (!reader.TryReadChunk(chunk, out var swarms, out var fault))
            {
                return (peers, fault);
            }
            offset += chunk.Length;
            peers += take ? Restore(swarms, reader.SavedAt) : 0;
        } while (!reader.IsComplete || offset < file.Length);
        return (peers, null);
    }

    private long Restore(ReadOnlySpan<byte> swarms, DateTimeOffset savedAt)
    {
        var now = core.Now();
        var downtime = core.UtcNow - savedAt;
        var settings = new RestoreSettings(
            downtime > TimeSpan.Zero ? downtime : TimeSpan.Zero,
            core.Tick,
            core.Options.AllowPrivate
        );
        var peers = 0L;
        while (SnapshotRecord.TryRead(ref swarms, out var record))
        {
            peers += core.Swarms[record.Swarm].Restore(new SavedSwarm(record, settings), now);
        }
        return peers;
    }
}
