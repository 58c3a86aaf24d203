using Anatomic.Engine.Hashing;
using Anatomic.Engine.Picking;
using Anatomic.Wire;

namespace Anatomic.Engine.Torrents;

/// <summary>Determines which pieces a torrent has before it starts to transfer.</summary>
internal static class InitialCheck
{
    /// <summary>
    /// Returns the pieces we have, and how many of them the resume data does not contain yet. Only files that changed
    /// since the resume data was saved are hashed.
    /// </summary>
    public static async Task<(PieceSet HavePieces, int Unsaved)> RunAsync(
        TorrentContext torrent,
        Action<CheckProgress> progress
    )
    {
        var storage = torrent.Storage!;
        var resumed = torrent.Shared.Resume is { } resume ? await resume.LoadAsync(storage, torrent.Stop) : null;
        if (resumed is not null && resumed.PiecesToCheck.IsEmpty)
        {
            return (resumed.HavePieces.Clone(), 0);
        }
        var result = await DataCheck.RunAsync(
            storage,
            torrent.Verifier!,
            resumed?.PiecesToCheck,
            progress,
            torrent.Stop
        );
        var have = result.Good.Clone();
        for (var i = 0; resumed is not null && i < have.Count; i++)
        {
            var piece = new PieceIndex(i);
            if (resumed.HavePieces[piece])
            {
                have.Add(piece);
            }
        }
        return (have, have.SetCount);
    }

    /// <summary>Creates a picker for the wanted pieces that we do not have.</summary>
    public static PiecePicker CreatePicker(TorrentContext torrent, PieceSet have, TorrentProgress progress)
    {
        var info = torrent.Info;
        var picker = new PiecePicker(
            info.PieceCount,
            piece => RequestScheduler.BlockCount(info.PieceContentSize(piece)),
            torrent.World.Entropy.Fork("picking")
        )
        {
            Sequential = torrent.Add.Sequential,
        };
        for (var i = 0; i < info.PieceCount; i++)
        {
            var piece = new PieceIndex(i);
            if (have[piece])
            {
                picker.MarkHave(piece);
            }
            else if (!progress.Wants(piece))
            {
                picker.SetPriority(piece, 0);
            }
        }
        return picker;
    }
}
