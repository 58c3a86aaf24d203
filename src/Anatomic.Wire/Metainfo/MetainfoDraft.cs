namespace Anatomic.Wire.Metainfo;

public enum TorrentFormat
{
    /// <summary>BEP 3: SHA-1 over all files one after the other.</summary>
    V1,

    /// <summary>BEP 52: SHA-256 trees, a file begins at a piece.</summary>
    V2,

    /// <summary>Both in one info dictionary, with padding files (BEP 47).</summary>
    Hybrid,
}

/// <summary>A torrent about to be written: its files and their hashes are known.</summary>
public sealed record MetainfoDraft
{
    public required TorrentFormat Format { get; init; }

    /// <summary>The name of the file or the folder.</summary>
    public required string Name { get; init; }

    /// <summary>A torrent of one file without a folder; it then has one entry in <see cref="Files"/>.</summary>
    public required bool IsSingleFile { get; init; }

    public required int PieceLength { get; init; }

    /// <summary>The files without padding, in the order of <see cref="PathOrder"/>; the writer adds a hybrid's padding.</summary>
    public required IReadOnlyList<DraftFile> Files { get; init; }

    /// <summary>20 bytes a piece; empty for v2.</summary>
    public ReadOnlyMemory<byte> PieceHashesV1 { get; init; }

    public bool IsPrivate { get; init; }

    public string? SourceTag { get; init; }

    public string? Comment { get; init; }

    public string? CreatedBy { get; init; }

    public DateTimeOffset? CreatedAt { get; init; }

    public IReadOnlyList<IReadOnlyList<string>> AnnounceTiers { get; init; } = [];

    public IReadOnlyList<string> WebSeeds { get; init; } = [];

    /// <summary>How many pieces the files make.</summary>
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

    /// <summary>Bytes by which a hybrid pads behind a file of that length, when another file follows.</summary>
    public static long PaddingAfter(long length, int pieceLength) => (pieceLength - length % pieceLength) % pieceLength;

    /// <summary>The bytes of the .torrent file.</summary>
    public byte[] Write() => new MetainfoWriter(this).Write();
}

/// <summary>A file of a <see cref="MetainfoDraft"/>.</summary>
public sealed record DraftFile
{
    /// <summary>Parts below the torrent's folder; for a single file its name.</summary>
    public required IReadOnlyList<string> Path { get; init; }

    public required long Length { get; init; }

    public bool IsExecutable { get; init; }

    /// <summary>With v2, for files that are not empty.</summary>
    public Hash32? PiecesRoot { get; init; }

    /// <summary>With v2, for files longer than a piece: 32 bytes a piece.</summary>
    public ReadOnlyMemory<byte> PieceLayer { get; init; }
}
