using Anatomic.Wire.Metainfo;
using Anatomic.World;

namespace Anatomic.Engine.Creation;

/// <summary>Makes a torrent of a file or a folder.</summary>
public static class TorrentCreator
{
    /// <summary>
    /// Reads and hashes everything below <paramref name="path"/> (absolute). Links are left out, as are empty folders. Runs on
    /// the caller's loop, and calls <paramref name="progress"/> there.
    /// </summary>
    /// <exception cref="EngineException">There is nothing to put in, an option is wrong, or a file changed while it was read.</exception>
    /// <exception cref="DiskException">A file cannot be read.</exception>
    public static Task<TorrentMetainfo> CreateAsync(
        IWorld world,
        string path,
        CreateOptions options,
        Action<CreateProgress>? progress,
        CancellationToken stop
    ) => throw new NotSupportedException();
}
