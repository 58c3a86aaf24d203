using Anatomic.Engine.Storage;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;
using Anatomic.World;

namespace Anatomic.Engine.Hashing;

/// <summary>One run of <see cref="DataCheck"/>.</summary>
internal sealed class CheckRun
{
    private readonly TorrentStorage storage;
    private readonly PieceVerifier verifier;
    private readonly Action<CheckProgress>? report;
    private readonly long?[] lengths;
    private readonly List<PieceIndex> wanted = [];
    private readonly PieceSet good;
    private CheckProgress progress;

    public CheckRun(
        TorrentStorage storage,
        PieceVerifier verifier,
        IReadOnlyList<DiskEntry?> entries,
        PieceSet? only,
        Action<CheckProgress>? report
    )
    {
        this.storage = storage;
        this.verifier = verifier;
        this.report = report;
        good = new PieceSet(Info.PieceCount);
        lengths = new long?[Info.Files.Count];
        foreach (var file in Info.Files.Where(file => file.IsPadding))
        {
            lengths[file.Index] = file.Length;
        }
        for (var i = 0; i < entries.Count; i++)
        {
            lengths[Info.ContentFiles[i].Index] = entries[i]?.Length;
        }
        for (var i = 0; i < Info.PieceCount; i++)
        {
            var piece = new PieceIndex(i);
            if (only is null || only[piece])
            {
                wanted.Add(piece);
            }
        }
        progress = new CheckProgress(0, wanted.Count, 0, wanted.Sum(piece => (long)Info.PieceContentSize(piece)), 0);
    }

    private TorrentInfo Info => storage.Info;

    public async Task<CheckResult> RunAsync(CancellationToken stop)
    {
        // Pieces that cannot be on disk are not read, so a new download of a large torrent starts at once.
        var readable = new List<PieceIndex>(wanted.Count);
        foreach (var piece in wanted)
        {
            if (IsOnDisk(piece) && verifier.CanVerify(piece))
            {
                readable.Add(piece);
            }
            else
            {
                Record(piece, isGood: false);
            }
        }
        await new PieceScan<bool>(storage, verifier.Workers)
        {
            Work = (piece, bytes) => verifier.Verify(piece, [bytes]),
            Completed = Record,
            Missing = piece => Record(piece, isGood: false),
        }.RunAsync(readable, stop);
        return new CheckResult(good, [.. Info.ContentFiles.Select(CheckFile)]);
    }

    private bool IsOnDisk(PieceIndex piece)
    {
        var begin = (long)piece.Value * Info.PieceLength;
        var end = begin + Info.PieceSize(piece);
        return Info.FilesIn(begin, end - begin)
            .All(file =>
                storage.Layout.IsInParts(file)
                || lengths[file.Index] is { } length && length >= Math.Min(end, file.End) - file.Offset
            );
    }

    private void Record(PieceIndex piece, bool isGood)
    {
        var bytes = Info.PieceContentSize(piece);
        if (isGood)
        {
            good.Add(piece);
        }
        progress = progress with
        {
            CheckedPieces = progress.CheckedPieces + 1,
            CheckedBytes = progress.CheckedBytes + bytes,
            GoodBytes = progress.GoodBytes + (isGood ? bytes : 0),
        };
        report?.Invoke(progress);
    }

    private FileCheck CheckFile(TorrentFile file)
    {
        var bad = new List<PieceIndex>();
        if (file.Length > 0)
        {
            var last = new PieceIndex((int)((file.End - 1) / Info.PieceLength));
            var from = wanted.BinarySearch(new PieceIndex((int)(file.Offset / Info.PieceLength)));
            for (var i = from < 0 ? ~from : from; i < wanted.Count && wanted[i] <= last; i++)
            {
                if (!good[wanted[i]])
                {
                    bad.Add(wanted[i]);
                }
            }
        }
        return new FileCheck(file, lengths[file.Index], bad);
    }
}
