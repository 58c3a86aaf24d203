using Anatomic.Wire;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Engine.Picking;

/// <summary>Derives the priority of each piece from those of the files and of ranges of pieces.</summary>
internal static class PiecePriorities
{
    /// <summary>
    /// A piece gets the highest priority of the files it holds bytes of; a range overrides that, the last one first.
    /// </summary>
    /// <param name="info">The torrent.</param>
    /// <param name="files">The priority of each file without padding, 0 to 7, in the torrent's order.</param>
    /// <param name="ranges">Priorities of ranges of pieces, in the order in which they were set.</param>
    public static byte[] Of(TorrentInfo info, ReadOnlySpan<byte> files, IReadOnlyList<RangePriority>? ranges = null)
    {
        Invariant.Holds(files.Length == info.ContentFiles.Count);
        var priorities = new byte[info.PieceCount];
        for (var i = 0; i < files.Length; i++)
        {
            var file = info.ContentFiles[i];
            if (file.Length == 0 || files[i] == 0)
            {
                continue;
            }
            var last = (file.End - 1) / info.PieceLength;
            for (var piece = file.Offset / info.PieceLength; piece <= last; piece++)
            {
                priorities[piece] = Math.Max(priorities[piece], files[i]);
            }
        }
        foreach (var range in ranges ?? [])
        {
            priorities.AsSpan(range.First.Value, range.Count).Fill(range.Priority);
        }
        return priorities;
    }
}

/// <summary>A priority for consecutive pieces.</summary>
/// <param name="First">The first piece.</param>
/// <param name="Count">How many pieces; all exist.</param>
/// <param name="Priority">0 to 7.</param>
internal readonly record struct RangePriority(PieceIndex First, int Count, byte Priority);
