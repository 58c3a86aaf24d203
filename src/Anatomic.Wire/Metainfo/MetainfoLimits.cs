namespace Anatomic.Wire.Metainfo;

/// <summary>Bounds of what is read from a .torrent file or an info dictionary.</summary>
public static class MetainfoLimits
{
    /// <summary>Longest .torrent file: the longest info dictionary, its piece layers (32 bytes a piece) and room for the rest.</summary>
    public const int MaxBytes = 128 << 20;

    /// <summary>Longest info dictionary, as for BEP 9: some 1.6 million v1 pieces.</summary>
    public const int MaxInfoBytes = 32 << 20;

    /// <summary>Longest piece; more makes one hash check take seconds, and no client writes such torrents.</summary>
    public const int MaxPieceLength = 128 << 20;

    /// <summary>Shortest v2 piece: one leaf of the Merkle tree (BEP 52).</summary>
    public const int MinPieceLengthV2 = 16 * 1024;

    /// <summary>Most pieces: a v2 torrent claims them at no cost of its own, while every client keeps bits and hashes of them.</summary>
    public const int MaxPieces = 1 << 21;

    /// <summary>Most files, padding included; the largest torrents in the wild have some 100,000.</summary>
    public const int MaxFiles = 1_000_000;

    /// <summary>Longest part of a path in bytes of UTF-8: what the usual file systems take.</summary>
    public const int MaxNameBytes = 255;

    /// <summary>Most folders in a path, the bencoding's depth of a v2 file tree; deeper v1 paths would not fit a file system either.</summary>
    public const int MaxPathParts = 90;

    /// <summary>Most announce URLs and most web seeds that are taken; the rest is left out.</summary>
    public const int MaxUrls = 1_000;

    /// <summary>Longest URL that is taken, in characters; servers refuse longer ones.</summary>
    public const int MaxUrlChars = 4_096;
}
