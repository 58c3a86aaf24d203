using Anatomic.Engine.Hashing;
using Anatomic.Engine.Picking;
using Anatomic.Wire;

namespace Anatomic.Engine.Torrents;

/// <summary>What is found out before a torrent transfers.</summary>
internal static class InitialCheck
{
    /// <summary>The pieces that are had, and how many of them nothing durable remembers yet.</summary>
    public static async Task<(PieceSet Had, int Unsaved)> CheckAsync(
        TorrentContext torrent,
        Action<CheckProgress> progress
    )
    {
        var storage = torrent.Storage!;
        var resumed = torrent.Share.Resume is { } resume ? await resume.LoadAsync(storage, torrent.Stop) : null;
        if (resumed is not null && resumed.ToCheck.IsEmpty)
        {
            return (resumed.Had.Clone(), 0);
        }
        var result = await DataCheck.RunAsync(storage, torrent.Verifier!, resumed?.ToCheck, progress, torrent.Stop);
        var had = result.Good.Clone();
        for (var piece = 0; resumed is not null && piece < had.Count; piece++)
        {
            if (resumed.Had[piece])
            {
                had.Add(piece);
            }
        }
        return (had, had.SetCount);
    }

    /// <summary>A picker that knows what is had and what is not wanted.</summary>
    public static PiecePicker MakePicker(TorrentContext torrent, PieceSet had, TorrentProgress progress)
    {
        var info = torrent.Info;
        var picker = new PiecePicker(
            info.PieceCount,
            piece => Downloader.Blocks(info.PieceContentSize(new PieceIndex(piece))),
            torrent.World.Entropy.Fork("picking")
        )
        {
            Sequential = torrent.Add.Sequential,
        };
        for (var piece = 0; piece < info.PieceCount; piece++)
        {
            if (had[piece])
            {
                picker.Found(piece);
            }
            else if (!progress.Wants(piece))
            {
                picker.SetPriority(piece, 0);
            }
        }
        return picker;
    }
}
