using System.Text;
using Anatomic.Wire.Bencoding;
using Anatomic.Wire.Metainfo;
using Anatomic.World;

namespace Anatomic.Engine.Storage;

/// <summary>
/// Where each file of a torrent is on disk. Made once, by <see cref="LayoutPlanner"/>, then durable, so that no start
/// has to guess again. Immutable; no two files have the same path.
/// </summary>
public sealed class StorageLayout
{
    private readonly TorrentInfo info;
    private readonly string name;

    // By index among the files without padding: paths below the torrent's folder that are not the cleaned ones.
    private readonly IReadOnlyDictionary<int, string> paths;
    private readonly IReadOnlySet<int> inParts;
    private readonly int[] contentIndexes;

    internal StorageLayout(
        TorrentInfo info,
        DataPlace place,
        string? name,
        IReadOnlyDictionary<int, string> paths,
        IReadOnlySet<int> inParts
    )
        : this(info, place, name ?? info.Name, paths, inParts, IndexContent(info)) { }

    private StorageLayout(
        TorrentInfo info,
        DataPlace place,
        string name,
        IReadOnlyDictionary<int, string> paths,
        IReadOnlySet<int> inParts,
        int[] contentIndexes
    )
    {
        this.info = info;
        this.name = name;
        this.paths = paths;
        this.inParts = inParts;
        this.contentIndexes = contentIndexes;
        Place = place;
    }

    /// <summary>The layout with only cleaned names.</summary>
    public static StorageLayout Default(TorrentInfo info, DataPlace place) =>
        new(info, place, name: null, new Dictionary<int, string>(), new HashSet<int>());

    /// <summary>The trusted path below which all files are.</summary>
    public DataPlace Place { get; }

    /// <summary>The torrent's own file or folder.</summary>
    public DiskPath Root => new(Place.Root, Place.IsTorrent ? "" : name);

    /// <summary>
    /// The file for the blocks of unwanted files (see <see cref="PartFile"/>): beside the data, or in the torrent's own
    /// folder when only that was given.
    /// </summary>
    public DiskPath PartFile => new(Place.Root, $".{info.SwarmIds[0]}.parts");

    /// <summary>The torrent's name on disk; it differs from its own after a renaming.</summary>
    public string Name => name;

    internal bool HasParts => inParts.Count > 0;

    internal IReadOnlySet<int> InParts => inParts;

    internal IReadOnlyDictionary<int, string> Paths => paths;

    /// <summary>The path of a file without padding.</summary>
    public DiskPath PathOf(TorrentFile file)
    {
        if (info.IsSingleFile)
        {
            return Root;
        }
        var below = paths.TryGetValue(ContentIndex(file), out var own) ? own : string.Join('/', file.Path.Skip(1));
        return Place.IsTorrent ? new DiskPath(Place.Root, below) : new DiskPath(Place.Root, $"{name}/{below}");
    }

    /// <summary>
    /// Whether the blocks of a file go to the part file, because the file is not wanted and nothing of it is on disk.
    /// </summary>
    public bool IsInParts(TorrentFile file) => inParts.Count > 0 && inParts.Contains(ContentIndex(file));

    /// <summary>The index among the files without padding.</summary>
    internal int ContentIndex(TorrentFile file) => contentIndexes[file.Index];

    internal StorageLayout WithPlace(DataPlace place) => new(info, place, name, paths, inParts, contentIndexes);

    internal StorageLayout WithName(string other) => new(info, Place, other, paths, inParts, contentIndexes);

    internal StorageLayout WithPath(TorrentFile file, string below) =>
        new(
            info,
            Place,
            name,
            new Dictionary<int, string>(paths) { [ContentIndex(file)] = below },
            inParts,
            contentIndexes
        );

    internal StorageLayout WithParts(IReadOnlySet<int> files) => new(info, Place, name, paths, files, contentIndexes);

    /// <summary>Whether both give every file the same path.</summary>
    internal bool HasSamePaths(StorageLayout other) =>
        Place == other.Place
        && name == other.name
        && paths.Count == other.paths.Count
        && paths.All(path => other.paths.TryGetValue(path.Key, out var there) && there == path.Value);

    /// <summary>Appends the layout as a bencoded dictionary.</summary>
    internal void Write(BencodeWriter writer)
    {
        writer.BeginDictionary().Key("name"u8).Text(name).Key("own"u8).Integer(Place.IsTorrent ? 1 : 0);
        writer.Key("parts"u8).BeginList();
        foreach (var index in inParts.Order())
        {
            writer.Integer(index);
        }
        writer.End().Key("paths"u8).BeginList();
        foreach (var (index, path) in paths.OrderBy(path => path.Key))
        {
            writer.Integer(index).Text(path);
        }
        writer.End().Key("root"u8).Text(Place.Root).End();
    }

    /// <summary>Reads a layout; null when it does not fit the torrent or leaves its folder.</summary>
    internal static StorageLayout? Read(BencodeValue value, TorrentInfo info)
    {
        if (
            value.Kind != BencodeKind.Dictionary
            || !value.TryGetText("name"u8, out var name)
            || !value.TryGetInteger("own"u8, out var isTorrent)
            || !value.TryGetText("root"u8, out var root)
            || !value.TryGetList("parts"u8, out var parts)
            || !value.TryGetList("paths"u8, out var paths)
            || !StaysInFolder(name)
            || name.Contains('/')
            || paths.Count % 2 != 0
        )
        {
            return null;
        }
        var files = new Dictionary<int, string>();
        for (var i = 0; i < paths.Count; i += 2)
        {
            if (
                !TryReadIndex(paths[i], info, out var index)
                || paths[i + 1].Kind != BencodeKind.Bytes
                || Encoding.UTF8.GetString(paths[i + 1].Bytes.Span) is var path && !StaysInFolder(path)
            )
            {
                return null;
            }
            files[index] = path;
        }
        var partIndexes = new HashSet<int>();
        foreach (var part in parts)
        {
            if (!TryReadIndex(part, info, out var index))
            {
                return null;
            }
            partIndexes.Add(index);
        }
        return new StorageLayout(info, new DataPlace(root, isTorrent != 0), name, files, partIndexes);
    }

    /// <summary>Whether a path with <c>/</c> between its parts cannot leave the folder it is joined to.</summary>
    internal static bool StaysInFolder(string path) =>
        path.Split('/').All(part => part.Length > 0 && part is not ("." or "..") && !part.Contains('\0'));

    private static bool TryReadIndex(BencodeValue value, TorrentInfo info, out int index)
    {
        index = 0;
        if (value.Kind != BencodeKind.Integer || value.Integer < 0 || value.Integer >= info.ContentFiles.Count)
        {
            return false;
        }
        index = (int)value.Integer;
        return true;
    }

    private static int[] IndexContent(TorrentInfo info)
    {
        var indexes = new int[info.Files.Count];
        for (var i = 0; i < info.ContentFiles.Count; i++)
        {
            indexes[info.ContentFiles[i].Index] = i;
        }
        return indexes;
    }
}
