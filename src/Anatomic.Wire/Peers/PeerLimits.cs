namespace Anatomic.Wire.Peers;

/// <summary>Bounds of what a peer sends, and the sizes that the protocol fixes.</summary>
public static class PeerLimits
{
    /// <summary>Length of the handshake: 1 + 19 + 8 + 20 + 20 (BEP 3).</summary>
    public const int HandshakeBytes = 68;

    /// <summary>BEP 3's usual request; many peers drop larger ones.</summary>
    public const int BlockBytes = 16 * 1024;

    /// <summary>Largest block that is served: the limit of the original client, which older clients still ask for.</summary>
    public const int MaxRequestBytes = 128 * 1024;

    /// <summary>Longest message after its length prefix: a bitfield of 8 million pieces, and far above any block in use.</summary>
    public const int MaxMessageBytes = (1 << 20) + PieceHeaderBytes;

    /// <summary>Id, index and begin in front of a block's bytes (BEP 3).</summary>
    public const int PieceHeaderBytes = 9;

    /// <summary>Longest extended handshake: real ones are under 1 KiB; the rest is room for unknown extensions (BEP 10).</summary>
    public const int MaxExtendedHandshakeBytes = 64 * 1024;

    /// <summary>Most extensions taken from an extended handshake; known clients name about ten (BEP 10).</summary>
    public const int MaxExtensions = 64;

    /// <summary>Piece of metadata (BEP 9).</summary>
    public const int MetadataPieceBytes = 16 * 1024;

    /// <summary>Largest info dictionary taken from peers: 100,000 files and a million pieces have room.</summary>
    public const int MaxMetadataBytes = 32 << 20;

    /// <summary>Longest bencoded head of a metadata message; the three integers take under 80 bytes (BEP 9).</summary>
    public const int MaxMetadataHeadBytes = 1024;

    /// <summary>Most hashes of one hash request: BEP 52 proposes 512; libtorrent answers up to 8,192.</summary>
    public const int MaxHashes = 8192;

    /// <summary>Deepest layer of a Merkle tree: a file has at most 2^63 bytes, so at most 2^49 leaves of 16 KiB.</summary>
    public const int MaxMerkleLayers = 50;

    /// <summary>Longest client name shown; longer ones are cut.</summary>
    public const int MaxClientChars = 64;
}
