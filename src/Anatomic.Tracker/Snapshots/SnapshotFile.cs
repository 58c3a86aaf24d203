using Anatomic.Tracker.Requests;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Tracker.Snapshots;

/// <summary>
/// All swarms in one file, so that a planned restart loses no peers. The file is a sequence of chunks with checksums;
/// the last one contains the totals.
/// </summary>
internal sealed class SnapshotFile(TrackerCore core, IDisk disk, string path)
{
    private static readonly Fault Changed = new("it changed while it was read");

    /// <summary>
    /// Writes a temporary file and renames it: after a crash, either the old file or the new one is intact.
    /// </summary>
    public async Task SaveAsync(CancellationToken stop)
    {
        var (temporary, file) = await disk.CreateBesideAsync(path, stop);
        try
        {
            await using (file)
            {
                await WriteAsync(file, stop);
                await file.FlushAsync(stop);
            }
            await disk.RenameAsync(temporary, path, stop);
        }
        catch
        {
            await disk.DeleteAsync(temporary, CancellationToken.None);
            throw;
        }
    }

    /// <summary>All or nothing: the whole file is verified before the first peer is restored.</summary>
    public async Task<SnapshotLoadResult> LoadAsync(CancellationToken stop)
    {
        if (await disk.FindAsync(path, stop) is not { IsFolder: false })
        {
            return new SnapshotLoadResult(0, null);
        }
        await using var file = await disk.OpenAsync(path, OpenMode.Read, stop);
        var (_, fault) = await ReadAsync(file, restore: false, stop);
        if (fault is not null)
        {
            return new SnapshotLoadResult(0, fault);
        }
        var (peers, changed) = await ReadAsync(file, restore: true, stop);
        return new SnapshotLoadResult(peers, changed is null ? null : Changed);
    }

    private async Task WriteAsync(IFile file, CancellationToken stop)
    {
        var chunk = new SnapshotChunk();
        var (number, offset) = (0L, 0L);
        async Task AppendAsync(ChunkKind kind)
        {
            var bytes = chunk.Seal(kind, number++);
            await file.WriteAsync(offset, [bytes], stop);
            offset += bytes.Length;
        }
        SnapshotReader.WriteHead(chunk, core.UtcNow);
        await AppendAsync(ChunkKind.Head);
        var writer = new SnapshotWriter(chunk, core.Tick) { Now = core.Now() };
        foreach (var shard in core.Swarms.Shards)
        {
            var slot = 0;
            while (!shard.Visit(ref slot, ref writer))
            {
                // The chunk is full, or the shard's lock was held long enough.
                if (chunk.Length > SnapshotChunk.MaxPayloadBytes / 2)
                {
                    await AppendAsync(ChunkKind.Swarms);
                }
            }
        }
        if (chunk.Length > 0)
        {
            await AppendAsync(ChunkKind.Swarms);
        }
        SnapshotReader.WriteEnd(chunk, writer.Records, writer.Peers);
        await AppendAsync(ChunkKind.End);
    }

    private async Task<(long Peers, Fault? Fault)> ReadAsync(IFile file, bool restore, CancellationToken stop)
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
            peers += restore ? Restore(swarms, reader.SavedAt) : 0;
        } while (!reader.IsComplete || offset < await file.GetLengthAsync(stop));
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
