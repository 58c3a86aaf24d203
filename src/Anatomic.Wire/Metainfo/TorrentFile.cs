namespace Anatomic.Wire.Metainfo;

/// <summary>One file of a torrent, in the piece space that all files share.</summary>
public sealed record TorrentFile
{
    /// <summary>Place in <see cref="TorrentInfo.Files"/>, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>
    /// The parts of the path below the download folder, cleaned so that they are fit for every usual file system and lead
    /// nowhere else; unique without regard to case. The first part is the torrent's name, for a torrent of one file its only part.
    /// </summary>
    public required IReadOnlyList<string> Path { get; init; }

    /// <summary>
    /// The path as the torrent writes it, when it differs from <see cref="Path"/> and yet stays in the folder: a seeder's own
    /// file may bear a name that another system would not take. Null otherwise.
    /// </summary>
    public IReadOnlyList<string>? OriginalPath { get; init; }

    /// <summary>Bytes.</summary>
    public required long Length { get; init; }

    /// <summary>Where the file begins in the piece space; files of v2 and hybrid torrents begin at a piece (BEP 52).</summary>
    public required long Offset { get; init; }

    /// <summary>Zeros that align the next file (BEP 47); never on disk.</summary>
    public bool IsPadding { get; init; }

    public bool IsExecutable { get; init; }

    public bool IsHidden { get; init; }

    /// <summary>
    /// Of a symbolic link (BEP 47): the cleaned path that it leads to, below the torrent's folder, without the torrent's name.
    /// Null for a plain file.
    /// </summary>
    public IReadOnlyList<string>? LinkTarget { get; init; }

    /// <summary>Root of the file's Merkle tree (BEP 52); null in v1, and for empty files.</summary>
    public Hash32? PiecesRoot { get; init; }

    /// <summary>The end in the piece space.</summary>
    public long End => Offset + Length;

    /// <summary><see cref="Path"/> joined by <c>/</c>, for people.</summary>
    public string Display => string.Join('/', Path);
}
