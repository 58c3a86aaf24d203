using Anatomic.Engine.Settings;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Engine.Torrents;

/// <summary>Counts wanted and completed bytes of a torrent and of each file, without padding.</summary>
internal sealed class TorrentProgress
{
    private readonly TorrentInfo info;
    private readonly IReadOnlyList<TorrentFile> files;
    private readonly long[] fileDone;
    private readonly bool[] fileWanted;
    private readonly PieceSet wanted;
    private IReadOnlyList<FileStatus>? statuses;

    /// <param name="wants">Whether a file is wanted, by its index among the files without padding.</param>
    public TorrentProgress(TorrentInfo info, Func<int, bool> wants)
    {
        this.info = info;
        files = info.ContentFiles;
        fileDone = new long[files.Count];
        fileWanted = new bool[files.Count];
        wanted = new PieceSet(info.PieceCount);
        for (var i = 0; i < files.Count; i++)
        {
            fileWanted[i] = wants(i);
            if (fileWanted[i] && files[i].Length > 0)
            {
                Want(files[i]);
            }
        }
        for (var i = 0; i < info.PieceCount; i++)
        {
            var piece = new PieceIndex(i);
            Missing += info.PieceContentSize(piece);
            if (wanted[piece])
            {
                Total += info.PieceContentSize(piece);
            }
        }
    }

    /// <summary>Counts the pieces that we have.</summary>
    public static TorrentProgress Of(TorrentInfo info, TorrentSettings settings, PieceSet have)
    {
        var progress = new TorrentProgress(info, settings.Wants);
        for (var i = 0; i < info.PieceCount; i++)
        {
            if (have[new PieceIndex(i)])
            {
                progress.Add(new PieceIndex(i));
            }
        }
        return progress;
    }

    /// <summary>Bytes of all wanted pieces.</summary>
    public long Total { get; }

    /// <summary>Bytes of the wanted pieces that we have.</summary>
    public long Done { get; private set; }

    /// <summary>Bytes of all pieces that we lack, also of unwanted ones: what a tracker calls left (BEP 3).</summary>
    public long Missing { get; private set; }

    public bool Wants(PieceIndex piece) => wanted[piece];

    public IReadOnlyList<FileStatus> Files => statuses ??= CreateStatuses();

    /// <summary>Counts a piece that we now have.</summary>
    public void Add(PieceIndex piece)
    {
        var begin = (long)piece.Value * info.PieceLength;
        var end = begin + info.PieceSize(piece);
        Missing -= info.PieceContentSize(piece);
        if (wanted[piece])
        {
            Done += info.PieceContentSize(piece);
        }
        for (var i = FirstFileEndingAfter(begin); i < files.Count && files[i].Offset < end; i++)
        {
            fileDone[i] += Math.Max(0, Math.Min(end, files[i].End) - Math.Max(begin, files[i].Offset));
        }
        statuses = null;
    }

    private void Want(TorrentFile file)
    {
        for (var i = file.Offset / info.PieceLength; i <= (file.End - 1) / info.PieceLength; i++)
        {
            wanted.Add(new PieceIndex((int)i));
        }
    }

    private int FirstFileEndingAfter(long offset)
    {
        var (low, high) = (0, files.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (files[middle].End <= offset)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }
        return low;
    }

    private FileStatus[] CreateStatuses()
    {
        var result = new FileStatus[files.Count];
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = new FileStatus(files[i].Display, files[i].Length, fileDone[i], fileWanted[i]);
        }
        return result;
    }
}
