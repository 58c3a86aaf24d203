using Anatomic.Wire;
using Anatomic.Wire.Metainfo;
using Anatomic.World;

namespace Anatomic.Engine.Storage;

/// <summary>
/// Makes the files ready for a download, after a check. Decides which files on disk are the torrent's: one that is not
/// stops the download before anything is written to it. Runs again when the selection changes.
/// </summary>
internal sealed class StoragePreparation(TorrentStorage storage, PieceSet have, IReadOnlyList<DiskEntry?> entries)
{
    private const int ScanBytes = 1 << 20; // enough for the speed of the disk

    private TorrentInfo Info => storage.Info;

    /// <summary>Whether a file is wanted, by its index among the files without padding.</summary>
    public required Func<int, bool> Wants { get; init; }

    /// <summary>Whether we wrote the file before, so that nothing has to be proven.</summary>
    public Func<int, bool> IsOurs { get; init; } = static _ => false;

    /// <summary>Existing files may be overwritten, whatever they contain.</summary>
    public bool Overwrite { get; init; }

    /// <summary>
    /// Creates the root folder and the wanted empty files; other files are created with their first piece. Links are
    /// not created, as we cannot guarantee that their target stays inside the root.
    /// </summary>
    /// <exception cref="EngineException">A file on disk would be overwritten.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        var inParts = new HashSet<int>(storage.Layout.InParts);
        var becameWanted = new List<int>();
        for (var i = 0; i < Info.ContentFiles.Count; i++)
        {
            var file = Info.ContentFiles[i];
            if (file.LinkTarget is not null)
            {
                continue;
            }
            if (!Wants(i))
            {
                if (file.Length > 0 && (entries[i] is null || !IsOurs(i) && !HasWholePiece(file)))
                {
                    inParts.Add(i);
                }
                continue;
            }
            if (entries[i] is { } entry && !Overwrite)
            {
                await ThrowIfForeignAsync(i, file, entry, stop);
            }
            if (inParts.Remove(i))
            {
                becameWanted.Add(i);
            }
        }
        await storage.Gate.RunAloneAsync(() => ApplyAsync(becameWanted, inParts, stop));
    }

    /// <summary>
    /// The fault for a file that is longer than the torrent's; null when it is not. Such a file is not complete for
    /// anybody: a download does not cut it unasked, and nobody else's data may end where ours does not.
    /// </summary>
    public static string? FindExcess(TorrentFile file, DiskEntry? entry) =>
        entry?.Length > file.Length
            ? $"{entry.Path} has {entry.Length:N0} bytes instead of {file.Length:N0}: "
                + "move it away, or allow overwriting"
            : null;

    private async Task ApplyAsync(IReadOnlyList<int> becameWanted, HashSet<int> inParts, CancellationToken stop)
    {
        if (!Info.IsSingleFile)
        {
            await storage.Disk.CreateFolderAsync(storage.Layout.Root, stop);
        }
        for (var i = 0; i < Info.ContentFiles.Count; i++)
        {
            var file = Info.ContentFiles[i];
            var isExcess = entries[i] is { } entry && entry.Length > file.Length;
            if (Wants(i) && file.LinkTarget is null && (isExcess || file.Length == 0 && entries[i] is null))
            {
                await storage.CutAsync(file, stop);
            }
        }
        foreach (var index in becameWanted)
        {
            await MoveOutOfPartsAsync(Info.ContentFiles[index], stop);
        }
        var hadParts = storage.Layout.HasParts;
        storage.Layout = storage.Layout.WithParts(inParts);
        if (hadParts && await storage.Parts.ReleaseAsync(IsInParts, stop))
        {
            await storage.CloseFilesAsync();
            await storage.Disk.DeleteAsync(storage.Layout.PartFile, stop);
        }
    }

    /// <summary>Copies what the part file has of a file that became wanted.</summary>
    private async Task MoveOutOfPartsAsync(TorrentFile file, CancellationToken stop)
    {
        var buffer = new byte[Info.PieceLength];
        var hasWritten = false;
        foreach (var piece in PiecesOf(file))
        {
            var start = (long)piece.Value * Info.PieceLength;
            var begin = Math.Max(start, file.Offset);
            var part = buffer.AsMemory(0, (int)(Math.Min(start + Info.PieceLength, file.End) - begin));
            if (await storage.Parts.ReadAsync(piece, (int)(begin - start), part, stop))
            {
                await storage.WriteFileAsync(file, begin - file.Offset, [part], stop);
                hasWritten = true;
            }
        }
        if (hasWritten)
        {
            // Before the part file may be deleted.
            await storage.FlushFileAsync(file, stop);
        }
    }

    private bool IsInParts(PieceIndex piece)
    {
        var begin = (long)piece.Value * Info.PieceLength;
        return Info.FilesIn(begin, Info.PieceSize(piece))
            .Any(file => !file.IsPadding && storage.Layout.IsInParts(file));
    }

    private async ValueTask ThrowIfForeignAsync(int index, TorrentFile file, DiskEntry entry, CancellationToken stop)
    {
        if (FindExcess(file, entry) is { } excess)
        {
            throw new EngineException(excess);
        }
        if (entry.IsLink && PiecesOf(file).Any(piece => !have[piece]))
        {
            throw new EngineException(
                $"{entry.Path} is a link, or lies in a folder that is one: move the data itself there"
            );
        }
        // A small file inside one piece cannot be judged by its hash, so its length has to do.
        var isJudged = PiecesOf(file).Any(piece => IsWithin(piece, file));
        if (IsOurs(index) || HasWholePiece(file) || (!isJudged && entry.Length == file.Length))
        {
            return;
        }
        if (await HasOtherDataAsync(file, entry.Length, stop))
        {
            throw new EngineException(
                $"{entry.Path} exists, and its data is not that of the torrent: move it away, or allow overwriting"
            );
        }
    }

    /// <summary>Whether a file has any byte but 0, apart from those in valid pieces.</summary>
    private async ValueTask<bool> HasOtherDataAsync(TorrentFile file, long length, CancellationToken stop)
    {
        var buffer = new byte[ScanBytes];
        foreach (var piece in PiecesOf(file).Where(piece => !have[piece]))
        {
            var start = (long)piece.Value * Info.PieceLength;
            var end = Math.Min(Math.Min(start + Info.PieceLength, file.End) - file.Offset, length);
            for (var at = Math.Max(start, file.Offset) - file.Offset; at < end; at += buffer.Length)
            {
                var part = buffer.AsMemory(0, (int)Math.Min(buffer.Length, end - at));
                var read = await storage.ReadFileAsync(file, at, part, stop);
                if (part.Span[..read].ContainsAnyExcept((byte)0))
                {
                    return true;
                }
            }
        }
        return false;
    }

    /// <summary>Whether a valid piece lies within the file, which proves that it is the torrent's.</summary>
    private bool HasWholePiece(TorrentFile file) => PiecesOf(file).Any(piece => have[piece] && IsWithin(piece, file));

    private bool IsWithin(PieceIndex piece, TorrentFile file)
    {
        var begin = (long)piece.Value * Info.PieceLength;
        return begin >= file.Offset && begin + Info.PieceContentSize(piece) <= file.End;
    }

    private IEnumerable<PieceIndex> PiecesOf(TorrentFile file)
    {
        for (var i = file.Offset / Info.PieceLength; file.Length > 0 && i <= (file.End - 1) / Info.PieceLength; i++)
        {
            yield return new PieceIndex((int)i);
        }
    }
}
