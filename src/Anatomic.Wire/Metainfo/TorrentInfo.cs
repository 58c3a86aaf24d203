using System.Diagnostics.CodeAnalysis;

namespace Anatomic.Wire.Metainfo;

/// <summary>
/// The info dictionary of a torrent, v1 (BEP 3), v2 (BEP 52) or both in one (hybrid), read and validated. Immutable.
/// </summary>
public sealed class TorrentInfo
{
    internal TorrentInfo() { }

    /// <summary>The exact bytes; the info-hashes are of these.</summary>
    public required ReadOnlyMemory<byte> Raw { get; init; }

    /// <summary>SHA-1 of <see cref="Raw"/>; null for a torrent that is only v2.</summary>
    public required Hash20? HashV1 { get; init; }

    /// <summary>SHA-256 of <see cref="Raw"/>; null for a torrent that is only v1.</summary>
    public required Hash32? HashV2 { get; init; }

    public bool HasV1 => HashV1 is not null;

    public bool HasV2 => HashV2 is not null;

    /// <summary>The ids under which trackers and peers know the torrent: the v1 info-hash first, then the truncated v2 info-hash.</summary>
    public IReadOnlyList<Hash20> SwarmIds => throw new NotSupportedException();

    /// <summary>The torrent's name, cleaned for the disk: its file, or its folder.</summary>
    public required string Name { get; init; }

    /// <summary>One file that lies directly in the download folder; false: a folder of files.</summary>
    public required bool IsSingleFile { get; init; }

    /// <summary>Bytes a piece, 1 to 128 MiB; with v2 a power of two, at least 16 KiB.</summary>
    public required int PieceLength { get; init; }

    public required int PieceCount { get; init; }

    /// <summary>Bytes of all files without padding.</summary>
    public required long Size { get; init; }

    /// <summary>Bytes of the piece space, padding and the gaps behind v2 files included.</summary>
    public required long SpaceLength { get; init; }

    /// <summary>All files, padding and links included, in the order of the piece space.</summary>
    public required IReadOnlyList<TorrentFile> Files { get; init; }

    /// <summary>The files without padding, in the same order; these are what a person selects among.</summary>
    public IReadOnlyList<TorrentFile> ContentFiles => throw new NotSupportedException();

    /// <summary>The v1 hashes, 20 bytes a piece; empty for a torrent that is only v2.</summary>
    public required ReadOnlyMemory<byte> PieceHashesV1 { get; init; }

    /// <summary>Only the peers of its own trackers may be used (BEP 27).</summary>
    public required bool IsPrivate { get; init; }

    /// <summary>The <c>source</c> tag that some trackers put in; null when there is none.</summary>
    public required string? SourceTag { get; init; }

    /// <summary>
    /// Bytes of a piece as peers exchange it: with v1 all are full but the last; in a torrent that is only v2 the last piece of
    /// every file ends with the file (BEP 52).
    /// </summary>
    public int PieceSize(PieceIndex piece) => throw new NotSupportedException();

    /// <summary>Bytes of a piece without the padding at its end; what lies behind is zeros.</summary>
    public int PieceContentSize(PieceIndex piece) => throw new NotSupportedException();

    /// <summary>The v1 hash of a piece; only when <see cref="HasV1"/>.</summary>
    public Hash20 PieceHashV1(PieceIndex piece) => throw new NotSupportedException();

    /// <summary>The file that begins last at or before the byte of the piece space: with v2 the only file of a piece.</summary>
    public TorrentFile FileAt(long offset) => throw new NotSupportedException();

    /// <summary>Reads an info dictionary, as it is in a .torrent file or as peers give it for a magnet (BEP 9).</summary>
    public static bool TryRead(
        ReadOnlyMemory<byte> raw,
        [NotNullWhen(true)] out TorrentInfo? info,
        [NotNullWhen(false)] out Fault? fault
    ) => throw new NotSupportedException();
}
