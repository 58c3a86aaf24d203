using Anatomic.Wire.Metainfo;
using Anatomic.World;

namespace Anatomic.Engine.Creation;

/// <summary>Creates a torrent from a file or a folder.</summary>
public static class TorrentCreator
{
    /// <summary>
    /// Reads and hashes all files below <paramref name="path"/> (absolute), without links and empty folders. Runs on
    /// the caller's loop, and calls <paramref name="progress"/> there. The same data and options give the same bytes.
    /// </summary>
    /// <exception cref="EngineException">
    /// There is no data, an option is invalid, or a file changed while it was read.
    /// </exception>
    /// <exception cref="DiskException">A file cannot be read.</exception>
    public static async Task<TorrentMetainfo> CreateAsync(
        IWorld world,
        string path,
        CreateOptions options,
        Action<CreateProgress>? progress,
        CancellationToken stop
    )
    {
        path = Path.TrimEndingDirectorySeparator(path);
        var name = options.Name ?? Path.GetFileName(path);
        if (name.Length == 0)
        {
            throw new EngineException($"{path} has no name. Give the torrent a name.");
        }
        if (options.PieceLength is { } chosen && PieceLengths.Validate(chosen) is { } fault)
        {
            throw new EngineException(fault);
        }
        var found = await SourceFiles.FindAsync(world.Disk, path, name, stop);
        var files = found.Files;
        foreach (var link in found.SkippedLinks)
        {
            options.LinkSkipped?.Invoke(link);
        }
        var draft = new MetainfoDraft
        {
            Format = options.Format,
            Name = name,
            IsSingleFile = found.IsSingle,
            PieceLength = options.PieceLength ?? PieceLengths.Choose(files.Sum(file => file.Entry.Length)),
            Files =
            [
                .. files.Select(file => new DraftFile
                {
                    Path = file.Path,
                    Length = file.Entry.Length,
                    IsExecutable = file.Entry.IsExecutable,
                }),
            ],
            IsPrivate = options.IsPrivate,
            SourceTag = options.SourceTag,
            Comment = options.Comment,
            CreatedBy = options.CreatedBy,
            CreatedAt = options.CreatedAt,
            AnnounceTiers = options.AnnounceTiers,
            WebSeeds = options.WebSeeds,
        };
        var hasher = new DraftHasher(world, draft, path, files);
        var bytes = (await hasher.RunAsync(options.Threads, progress, stop)).Write();
        return Read(bytes);
    }

    internal static TorrentMetainfo Read(byte[] bytes) =>
        TorrentMetainfo.TryRead(bytes, out var metainfo, out var fault)
            ? metainfo
            : throw new EngineException($"The torrent cannot be created: {fault}. A larger piece length may help.");
}
