namespace Anatomic.Wire.Metainfo;

public enum TorrentFormat
{
    /// <summary>BEP 3: SHA-1 over all files, one after the other.</summary>
    V1,

    /// <summary>BEP 52: SHA-256 trees; every file starts at a piece.</summary>
    V2,

    /// <summary>Both in one info dictionary, with padding files (BEP 47).</summary>
    Hybrid,
}

/// <summary>The content of a torrent to be written, with all hashes.</summary>
public sealed record MetainfoDraft
{
    public required TorrentFormat Format { get; init; }

    /// <summary>The name of the file or folder.</summary>
    public required string Name { get; init; }

    /// <summary>A single file without a folder; <see cref="Files"/> then has one entry.</summary>
    public required bool IsSingleFile { get; init; }

    public required int PieceLength { get; init; }

    /// <summary>
    /// The files without padding, in the order of <see cref="PathOrder"/>; the writer adds a hybrid's padding.
    /// </summary>
    public required IReadOnlyList<DraftFile> Files { get; init; }

    /// <summary>20 bytes per piece; empty for v2.</summary>
    public ReadOnlyMemory<byte> PieceHashesV1 { get; init; }

    public bool IsPrivate { get; init; }

    public string? SourceTag { get; init; }

    public string? Comment { get; init; }

    public string? CreatedBy { get; init; }

    public DateTimeOffset? CreatedAt { get; init; }

    public IReadOnlyList<IReadOnlyList<string>> AnnounceTiers { get; init; } = [];

    public IReadOnlyList<string> WebSeeds { get; init; } = [];

    /// <summary>Number of pieces of all files.</summary>
    public int PieceCount
    {
        get
        {
            var end = 0L;
            foreach (var file in Files.Where(file => file.Length > 0))
            {
                end += Format == TorrentFormat.V1 ? 0 : PaddingAfter(end, PieceLength);
                end = checked(end + file.Length);
            }
            return checked((int)((end + PieceLength - 1) / PieceLength));
        }
    }

    /// <summary>Padding in a hybrid torrent after a file of this length, if another file follows; in bytes.</summary>
    public static long PaddingAfter(long length, int pieceLength) => (pieceLength - length % pieceLength) % pieceLength;

    /// <summary>The bytes of the .torrent file.</summary>
    public byte[] Write() => new MetainfoWriter(this).Write();
}

/// <summary>A file of a <see cref="MetainfoDraft"/>.</summary>
public sealed record DraftFile
{
    /// <summary>Parts below the torrent's folder; for a single file, its name.</summary>
    public required IReadOnlyList<string> Path { get; init; }

    public required long Length { get; init; }

    public bool IsExecutable { get; init; }

    /// <summary>Only with v2, and not for empty files.</summary>
    public Hash32? PiecesRoot { get; init; }

    /// <summary>Only with v2, for files longer than a piece: 32 bytes per piece.</summary>
    public ReadOnlyMemory<byte> PieceLayer { get; init; }
}
