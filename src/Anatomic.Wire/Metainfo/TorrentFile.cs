namespace Anatomic.Wire.Metainfo;

/// <summary>One file of a torrent, located in the piece space shared by all files.</summary>
public sealed record TorrentFile
{
    /// <summary>Index in <see cref="TorrentInfo.Files"/>.</summary>
    public required int Index { get; init; }

    /// <summary>
    /// The parts of the path below the download folder, cleaned for all usual file systems and unique regardless of
    /// case. The first part is the torrent's name; for a single file, it is the only part.
    /// </summary>
    public required IReadOnlyList<string> Path { get; init; }

    /// <summary>
    /// The path as written in the torrent, if it differs from <see cref="Path"/> but stays in the folder. A seeder's
    /// file may have a name that other systems do not allow. Otherwise null.
    /// </summary>
    public IReadOnlyList<string>? OriginalPath { get; init; }

    /// <summary>In bytes.</summary>
    public required long Length { get; init; }

    /// <summary>
    /// Start of the file in the piece space. In v2 and hybrid torrents, files start at a piece (BEP 52).
    /// </summary>
    public required long Offset { get; init; }

    /// <summary>Zeros that align the next file (BEP 47), which are never written to disk.</summary>
    public bool IsPadding { get; init; }

    public bool IsExecutable { get; init; }

    public bool IsHidden { get; init; }

    /// <summary>
    /// The cleaned target of a symbolic link (BEP 47), below the torrent's folder and without the torrent's name. Null
    /// for other files.
    /// </summary>
    public IReadOnlyList<string>? LinkTarget { get; init; }

    /// <summary>Root of the file's Merkle tree (BEP 52); null in v1 and for empty files.</summary>
    public Hash32? PiecesRoot { get; init; }

    /// <summary>End of the file in the piece space.</summary>
    public long End => Offset + Length;

    /// <summary><see cref="Path"/> joined with <c>/</c>, for display.</summary>
    public string Display => string.Join('/', Path);
}
