using Anatomic.Wire;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Engine.Torrents;

/// <summary>Counts what is wanted and done, of the whole and of each file. Bytes of padding count for nothing.</summary>
internal sealed class TorrentProgress
{
    private readonly TorrentInfo info;
    private readonly IReadOnlyList<TorrentFile> files;
    private readonly long[] fileDone;
    private readonly bool[] fileWanted;
    private readonly PieceSet wanted;
    private IReadOnlyList<FileStatus>? statuses;

    /// <param name="info">The torrent.</param>
    /// <param name="wants">Whether a file, by its place among the files without padding, is wanted.</param>
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
        for (var piece = 0; piece < info.PieceCount; piece++)
        {
            if (wanted[piece])
            {
                Total += info.PieceContentSize(new PieceIndex(piece));
            }
        }
    }

    /// <summary>Bytes of the wanted pieces.</summary>
    public long Total { get; }

    /// <summary>Of these, bytes that are had.</summary>
    public long Done { get; private set; }

    public bool Wants(int piece) => wanted[piece];

    public IReadOnlyList<FileStatus> Files => statuses ??= MakeStatuses();

    public void Add(PieceIndex piece)
    {
        var begin = (long)piece.Value * info.PieceLength;
        var end = begin + info.PieceSize(piece);
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
        for (var piece = file.Offset / info.PieceLength; piece <= (file.End - 1) / info.PieceLength; piece++)
        {
            wanted.Add((int)piece);
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

    private FileStatus[] MakeStatuses()
    {
        var made = new FileStatus[files.Count];
        for (var i = 0; i < made.Length; i++)
        {
            made[i] = new FileStatus(files[i].Display, files[i].Length, fileDone[i], fileWanted[i]);
        }
        return made;
    }
}
