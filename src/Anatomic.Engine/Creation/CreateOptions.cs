using Anatomic.Wire.Metainfo;

namespace Anatomic.Engine.Creation;

/// <summary>How a torrent is made.</summary>
public sealed record CreateOptions
{
    public TorrentFormat Format { get; init; } = TorrentFormat.Hybrid;

    /// <summary>Bytes a piece, a power of two from 16 KiB to 128 MiB; null (default): chosen by the size.</summary>
    public int? PieceLength { get; init; }

    /// <summary>Announce URLs in tiers (BEP 12).</summary>
    public IReadOnlyList<IReadOnlyList<string>> AnnounceTiers { get; init; } = [];

    /// <summary>Web seeds (BEP 19).</summary>
    public IReadOnlyList<string> WebSeeds { get; init; } = [];

    /// <summary>Only peers of the torrent's own trackers may be used (BEP 27).</summary>
    public bool IsPrivate { get; init; }

    public string? Comment { get; init; }

    public string? SourceTag { get; init; }

    public string? CreatedBy { get; init; } = "Anatomic";

    /// <summary>Goes into the file; null: none, and the same data makes the same file.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>Another name than that of the file or folder.</summary>
    public string? Name { get; init; }

    /// <summary>Pieces hashed at once; null (default): as many as there are workers.</summary>
    public int? Threads { get; init; }
}

/// <param name="HashedBytes">Bytes read and hashed.</param>
/// <param name="TotalBytes">Bytes of all files.</param>
public readonly record struct CreateProgress(long HashedBytes, long TotalBytes);
