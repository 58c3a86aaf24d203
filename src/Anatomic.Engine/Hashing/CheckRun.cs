using Anatomic.Engine.Storage;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Engine.Hashing;

/// <summary>One check of a torrent's data.</summary>
internal sealed class CheckRun
{
    private readonly TorrentStorage storage;
    private readonly PieceVerifier verifier;
    private readonly Action<CheckProgress>? tell;
    private readonly long?[] lengths;
    private readonly List<PieceIndex> wanted = [];
    private readonly PieceSet good;
    private CheckProgress progress;

    public CheckRun(TorrentStorage storage, PieceVerifier verifier, PieceSet? only, Action<CheckProgress>? tell)
    {
        this.storage = storage;
        this.verifier = verifier;
        this.tell = tell;
        good = new PieceSet(Info.PieceCount);
        lengths = [.. Info.Files.Select(file => file.IsPadding ? file.Length : storage.Find(file)?.Length)];
        for (var i = 0; i < Info.PieceCount; i++)
        {
            if (only is null || only[i])
            {
                wanted.Add(new PieceIndex(i));
            }
        }
        progress = new CheckProgress(0, wanted.Count, 0, wanted.Sum(piece => (long)Info.PieceContentSize(piece)), 0);
    }

    private TorrentInfo Info => storage.Info;

    public async Task<CheckResult> RunAsync(CancellationToken stop)
    {
        // What cannot be there costs no reading: a fresh download of a large torrent starts at once.
        var possible = new List<PieceIndex>(wanted.Count);
        foreach (var piece in wanted)
        {
            if (IsOnDisk(piece) && verifier.CanVerify(piece))
            {
                possible.Add(piece);
            }
            else
            {
                Take(piece, false);
            }
        }
        await new PieceScan<bool>(storage, verifier.Workers)
        {
            Work = (piece, bytes) => verifier.Verify(piece, [bytes]),
            Done = Take,
            Missing = piece => Take(piece, false),
        }.RunAsync(possible, stop);
        return new CheckResult(good, [.. Info.ContentFiles.Select(Report)]);
    }

    private bool IsOnDisk(PieceIndex piece)
    {
        var begin = (long)piece.Value * Info.PieceLength;
        var end = begin + Info.PieceSize(piece);
        return Info.FilesIn(begin, end - begin)
            .All(file => lengths[file.Index] is { } length && length >= Math.Min(end, file.End) - file.Offset);
    }

    private void Take(PieceIndex piece, bool isGood)
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
        tell?.Invoke(progress);
    }

    private FileCheck Report(TorrentFile file)
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
