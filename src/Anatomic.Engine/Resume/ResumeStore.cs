using Anatomic.Engine.Storage;
using Anatomic.Wire;
using Anatomic.Wire.Bencoding;
using Anatomic.Wire.Metainfo;
using Anatomic.World;

namespace Anatomic.Engine.Resume;

/// <summary>
/// Stores durably where each torrent's files are and which pieces we have. The data is valid even after a crash: only
/// flushed pieces are saved, and files that somebody else changed since are checked again.
/// </summary>
/// <param name="store">The session's store, which its owner closes.</param>
/// <param name="clock">The world's clock.</param>
public sealed class ResumeStore(IStore store, TimeProvider clock)
{
    private const string Table = "resume";

    // A row says that all data is to be checked again, under the layout of the record.
    private const string RecheckTable = "recheck";

    // A row says that the torrent's files are being moved, from one layout to another.
    private const string MoveTable = "moving";

    // A row says that the torrent has written since its record was saved, and when it last said so.
    private const string MarkTable = "writing";

    /// <summary>
    /// Flushes the storage, then saves <paramref name="have"/>, as it was at the call, in one commit. Every piece in it
    /// must have been written before the call.
    /// </summary>
    /// <exception cref="DiskException">
    /// The disk failed, or a file with data of ours is gone (<see cref="DiskFault.NotFound"/>).
    /// </exception>
    public async ValueTask SaveAsync(TorrentStorage storage, PieceSet have, CancellationToken stop)
    {
        var saved = have.Clone();
        var savedAt = clock.GetUtcNow();
        await storage.FlushAsync(stop);
        // A move that ended between the look at the files and the commit would be lost.
        await storage.Gate.EnterAsync();
        try
        {
            var batch = await WriteAsync(storage, saved, savedAt, stop);
            await store.CommitAsync(batch, stop);
        }
        finally
        {
            storage.Gate.Leave();
        }
    }

    /// <summary>Records that the files of a torrent are about to be moved.</summary>
    internal ValueTask BeginMoveAsync(TorrentInfo info, StorageLayout from, StorageLayout to, CancellationToken stop)
    {
        var writer = new BencodeWriter().BeginDictionary().Key("from"u8);
        from.Write(writer);
        writer.Key("to"u8);
        to.Write(writer);
        return store.CommitAsync(new StoreBatch().Put(MoveTable, KeyOf(info), writer.End().ToArray()), stop);
    }

    /// <summary>Saves the record of a torrent whose files were just moved, before anything else runs.</summary>
    internal async ValueTask SaveMovedAsync(
        TorrentStorage storage,
        PieceSet have,
        StoreBatch? alongside,
        CancellationToken stop
    )
    {
        var batch = await WriteAsync(storage, have, clock.GetUtcNow(), stop);
        foreach (var change in alongside?.Changes ?? [])
        {
            _ = change.Value is { } value
                ? batch.Put(change.Table, change.Key, value)
                : batch.Delete(change.Table, change.Key);
        }
        await store.CommitAsync(batch, stop);
    }

    /// <summary>The move is over, or was undone.</summary>
    internal ValueTask EndMoveAsync(TorrentInfo info, CancellationToken stop) =>
        store.CommitAsync(new StoreBatch().Delete(MoveTable, KeyOf(info)), stop);

    /// <summary>A move that did not end; null: none.</summary>
    internal async ValueTask<(StorageLayout From, StorageLayout To)?> LoadMoveAsync(
        TorrentInfo info,
        CancellationToken stop
    ) =>
        await store.GetAsync(MoveTable, KeyOf(info), stop) is { } move
        && BencodeValue.TryParse(move, BencodeMode.Strict, out var value, out _)
        && value.Find("from"u8) is { } written
        && StorageLayout.Read(written, info) is { } from
        && value.Find("to"u8) is { } target
        && StorageLayout.Read(target, info) is { } to
            ? (from, to)
            : null;

    /// <summary>Has all data of a torrent checked at its next start; its files stay where they are.</summary>
    public ValueTask ForgetPiecesAsync(Hash20 swarm, CancellationToken stop) =>
        store.CommitAsync(new StoreBatch().Put(RecheckTable, swarm.ToArray(), new byte[] { 1 }), stop);

    /// <summary>Deletes the resume data of a torrent, by the first of its swarm ids.</summary>
    public ValueTask DeleteAsync(Hash20 swarm, CancellationToken stop) =>
        store.CommitAsync(
            new StoreBatch()
                .Delete(Table, swarm.ToArray())
                .Delete(MarkTable, swarm.ToArray())
                .Delete(MoveTable, swarm.ToArray())
                .Delete(RecheckTable, swarm.ToArray()),
            stop
        );

    /// <summary>Loads a torrent's record; null when there is none.</summary>
    internal async ValueTask<ResumeRecord?> LoadAsync(TorrentInfo info, CancellationToken stop)
    {
        var record = await store.GetAsync(Table, KeyOf(info), stop);
        return record is null ? null : ResumeRecord.Read(record, info);
    }

    /// <summary>
    /// Compares a record with the files on disk. Those whose length or last write time has changed are not trusted,
    /// unless our own writes before a crash explain it.
    /// </summary>
    internal async ValueTask<ResumeData> CompareAsync(
        ResumeRecord record,
        TorrentStorage storage,
        IReadOnlyList<DiskEntry?> files,
        CancellationToken stop
    )
    {
        var mark = await store.GetAsync(MarkTable, KeyOf(storage.Info), stop);
        var resumed = record.Compare([.. files, await FindPartFileAsync(storage, stop)], ReadMark(mark));
        if (await store.GetAsync(RecheckTable, KeyOf(storage.Info), stop) is null)
        {
            return resumed;
        }
        var all = new PieceSet(storage.Info.PieceCount);
        all.AddAll();
        return resumed with { HavePieces = new PieceSet(storage.Info.PieceCount), PiecesToCheck = all };
    }

    /// <summary>
    /// Says durably that the torrent writes, unless it did so a moment ago. Called before each write.
    /// </summary>
    internal async ValueTask MarkWritingAsync(TorrentStorage storage, CancellationToken stop)
    {
        var now = clock.GetUtcNow();
        if (storage.MarkedAt is { } before && now >= before && now - before < EngineLimits.WriteMarkInterval)
        {
            return;
        }
        storage.MarkedAt = now;
        try
        {
            var mark = new BencodeWriter().Integer(now.UtcTicks).ToArray();
            await store.CommitAsync(new StoreBatch().Put(MarkTable, KeyOf(storage.Info), mark), stop);
        }
        catch
        {
            storage.MarkedAt = null;
            throw;
        }
    }

    private static async ValueTask<StoreBatch> WriteAsync(
        TorrentStorage storage,
        PieceSet have,
        DateTimeOffset savedAt,
        CancellationToken stop
    )
    {
        var files = await storage.FindKnownFilesAsync(stop);
        var parts = await FindPartFileAsync(storage, stop);
        var record = ResumeRecord.Write(storage, have, [.. files, parts], savedAt);
        var key = KeyOf(storage.Info);
        storage.MarkedAt = null;
        return new StoreBatch().Put(Table, key, record).Delete(MarkTable, key).Delete(RecheckTable, key);
    }

    private static async ValueTask<DiskEntry?> FindPartFileAsync(TorrentStorage storage, CancellationToken stop) =>
        storage.Layout.HasParts ? await storage.Disk.FindAsync(storage.Layout.PartFile, stop) : null;

    private static DateTimeOffset? ReadMark(byte[]? mark) =>
        mark is not null
        && BencodeValue.TryParse(mark, BencodeMode.Strict, out var value, out _)
        && value is { Kind: BencodeKind.Integer, Integer: >= 0 }
        && value.Integer <= DateTimeOffset.MaxValue.UtcTicks
            ? new DateTimeOffset(value.Integer, TimeSpan.Zero)
            : null;

    private static byte[] KeyOf(TorrentInfo info) => info.SwarmIds[0].ToArray();
}

/// <summary>What resume data is worth, compared with the files on disk.</summary>
/// <param name="HavePieces">The pieces we certainly have.</param>
/// <param name="PiecesToCheck">
/// The pieces of files that changed since; check them again with <see cref="Hashing.DataCheck"/>.
/// </param>
/// <param name="OurFiles">The files that only we wrote, by index among those without padding.</param>
/// <param name="Layout">The layout, with what changed just before a crash.</param>
/// <param name="MissingFile">The path of a file that had data and is gone; null: none.</param>
internal sealed record ResumeData(
    PieceSet HavePieces,
    PieceSet PiecesToCheck,
    IReadOnlySet<int> OurFiles,
    StorageLayout Layout,
    string? MissingFile
);
