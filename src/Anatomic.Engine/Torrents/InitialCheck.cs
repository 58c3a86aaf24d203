using Anatomic.Engine.Picking;
using Anatomic.Wire;

namespace Anatomic.Engine.Torrents;

/// <summary>Prepares what a torrent needs to start the transfer.</summary>
internal static class InitialCheck
{
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
