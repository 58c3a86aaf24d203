using Anatomic.Wire.Metainfo;

namespace Anatomic.Engine.Creation;

/// <summary>Options for creating a torrent.</summary>
public sealed record CreateOptions
{
    /// <summary>The format: v1, v2 or hybrid (default).</summary>
    public TorrentFormat Format { get; init; } = TorrentFormat.Hybrid;

    /// <summary>
    /// The piece length in bytes, a power of two from 16 KiB to 128 MiB. Null (default): chosen from the total size.
    /// </summary>
    public int? PieceLength { get; init; }

    /// <summary>Announce URLs in tiers (BEP 12).</summary>
    public IReadOnlyList<IReadOnlyList<string>> AnnounceTiers { get; init; } = [];

    /// <summary>Web seeds (BEP 19).</summary>
    public IReadOnlyList<string> WebSeeds { get; init; } = [];

    /// <summary>Restricts clients to peers from the torrent's own trackers (BEP 27). Default false.</summary>
    public bool IsPrivate { get; init; }

    /// <summary>A comment for users; null (default): none.</summary>
    public string? Comment { get; init; }

    /// <summary>
    /// The <c>source</c> key of the info dictionary; gives the same data another info-hash. Null (default): none.
    /// </summary>
    public string? SourceTag { get; init; }

    /// <summary>The program that created the torrent; null: not stated.</summary>
    public string? CreatedBy { get; init; } = "Anatomic";

    /// <summary>The creation date. Null (default): none, so that the same data gives the same torrent file.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>The torrent's name; null (default): the name of the file or folder.</summary>
    public string? Name { get; init; }

    /// <summary>Called with the path of each link, which is left out; null (default): nobody is told.</summary>
    public Action<string>? LinkSkipped { get; init; }

    /// <summary>The number of concurrent reads; null (default): one more than there are workers.</summary>
    public int? Threads { get; init; }
}

/// <summary>The progress of creating a torrent.</summary>
/// <param name="HashedBytes">Bytes read and hashed so far.</param>
/// <param name="TotalBytes">Bytes of all files.</param>
public readonly record struct CreateProgress(long HashedBytes, long TotalBytes);
