namespace Anatomic.Wire;

/// <summary>Limits of bencoded input (BEP 3).</summary>
public static class BencodeLimits
{
    /// <summary>
    /// Deepest nesting. A v2 file tree is as deep as its folders; a path has about 255 parts at most.
    /// </summary>
    public const int MaxDepth = 100;

    /// <summary>
    /// Most values in one input. The largest torrents in the wild have about 100,000 files of a few values each.
    /// </summary>
    public const int MaxValues = 4_000_000;

    /// <summary>Longest integer: a minus sign and 19 digits.</summary>
    public const int MaxIntegerChars = 20;

    /// <summary>
    /// Longest number out of range that tolerant reading passes over. Fractions as Python writes them have about 20
    /// characters; the rest is room for numbers with more digits.
    /// </summary>
    public const int MaxOddIntegerChars = 256;
}

/// <summary>Limits of .torrent files and info dictionaries.</summary>
public static class MetainfoLimits
{
    /// <summary>
    /// Longest .torrent file: the longest info dictionary, its piece layers (32 bytes a piece) and some room.
    /// </summary>
    public const int MaxBytes = 128 << 20;

    /// <summary>Longest info dictionary, the same as over BEP 9: about 1.6 million v1 pieces.</summary>
    public const int MaxInfoBytes = 32 << 20;

    /// <summary>
    /// Most values of an info dictionary from peers. A quarter of <see cref="BencodeLimits.MaxValues"/> is left for the
    /// trackers and piece layers of the .torrent file around it.
    /// </summary>
    public const int MaxInfoValues = BencodeLimits.MaxValues / 4 * 3;

    /// <summary>Longest piece. Checking a longer one would take seconds, and no client creates such torrents.</summary>
    public const int MaxPieceLength = 128 << 20;

    /// <summary>Shortest v2 piece: one leaf of the Merkle tree (BEP 52).</summary>
    public const int MinPieceLengthV2 = 16 * 1024;

    /// <summary>
    /// Most pieces. A v2 torrent can claim any number for free, while every client stores bits and hashes for each.
    /// </summary>
    public const int MaxPieces = 1 << 21;

    /// <summary>Most files, padding included. The largest torrents in the wild have about 100,000.</summary>
    public const int MaxFiles = 1_000_000;

    /// <summary>Longest part of a path, in bytes of UTF-8: what the usual file systems accept.</summary>
    public const int MaxNameBytes = 255;

    /// <summary>
    /// Most parts of a path. It keeps a v2 file tree within <see cref="BencodeLimits.MaxDepth"/>, and file systems
    /// reject deeper v1 paths too.
    /// </summary>
    public const int MaxPathParts = 90;

    /// <summary>Most announce URLs, and most web seeds; further ones are ignored.</summary>
    public const int MaxUrls = 1_000;

    /// <summary>Longest URL, in characters; servers reject longer ones.</summary>
    public const int MaxUrlChars = 4_096;
}

/// <summary>Limits of magnet links.</summary>
public static class MagnetLimits
{
    /// <summary>Longest link: enough for the trackers and web seeds of any real one.</summary>
    public const int MaxChars = 64 * 1024;

    /// <summary>Longest URL or peer address; servers reject longer URLs.</summary>
    public const int MaxValueChars = 4_096;
}

/// <summary>Limits of the tracker protocols over HTTP and UDP.</summary>
public static class TrackerProtocolLimits
{
    /// <summary>
    /// Longest HTTP response a client reads. 2,000 peers as dictionaries with peer ids are about 200 KiB.
    /// </summary>
    public const int MaxHttpResponseBytes = 1 << 20;

    /// <summary>Most peers read from one response. Trackers in the wild send 200 to 500 at most.</summary>
    public const int MaxPeersRead = 2000;

    /// <summary>Longest text for people in a response; the rest is cut off.</summary>
    public const int MaxTextBytes = 1024;

    /// <summary>Longest tracker id; real ones have a few dozen bytes.</summary>
    public const int MaxTrackerIdBytes = 256;

    /// <summary>
    /// Longest interval a response can ask for, in seconds: a day. A longer one would lose the swarm by a tracker's
    /// mistake.
    /// </summary>
    public const int MaxIntervalSeconds = 86_400;

    /// <summary>Most hashes of one UDP scrape (BEP 15).</summary>
    public const int MaxUdpScrapeHashes = 74;

    /// <summary>
    /// Most hashes answered of one HTTP scrape. BEP 48 sets no limit; a head of 8 KiB has room for about 100.
    /// </summary>
    public const int MaxHttpScrapeHashes = 100;

    /// <summary>Longest URL data of a UDP announce (BEP 41): 7 full options.</summary>
    public const int MaxUrlDataBytes = 7 * 255;

    /// <summary>
    /// Longest UDP request: an announce (98 bytes), its URL data, 2 bytes before each option, and the end.
    /// </summary>
    public const int MaxUdpRequestBytes = 98 + MaxUrlDataBytes + (2 * 7) + 1;
}

/// <summary>Limits of the peer protocol, and the sizes that it fixes.</summary>
public static class PeerLimits
{
    /// <summary>Length of the handshake: 1 + 19 + 8 + 20 + 20 (BEP 3).</summary>
    public const int HandshakeBytes = 68;

    /// <summary>BEP 3's usual request; many peers drop larger ones.</summary>
    public const int BlockBytes = 16 * 1024;

    /// <summary>Largest block we serve: the limit of the original client, which older clients still request.</summary>
    public const int MaxRequestBytes = 128 * 1024;

    /// <summary>
    /// Longest message after its length prefix: a bitfield of 8 million pieces, far longer than any block in use.
    /// </summary>
    public const int MaxMessageBytes = (1 << 20) + PieceHeaderBytes;

    /// <summary>Id, index and begin in front of a block's bytes (BEP 3).</summary>
    public const int PieceHeaderBytes = 9;

    /// <summary>
    /// Longest extended handshake (BEP 10). Real ones are shorter than 1 KiB; the rest is room for unknown extensions.
    /// </summary>
    public const int MaxExtendedHandshakeBytes = 64 * 1024;

    /// <summary>Most extensions in an extended handshake (BEP 10); known clients name about ten.</summary>
    public const int MaxExtensions = 64;

    /// <summary>Longest name of an extension that is read; known ones have at most 20 bytes.</summary>
    public const int MaxExtensionNameBytes = 64;

    /// <summary>Length of a piece of metadata (BEP 9).</summary>
    public const int MetadataPieceBytes = 16 * 1024;

    /// <summary>Largest info dictionary accepted from peers: room for 100,000 files and a million pieces.</summary>
    public const int MaxMetadataBytes = 32 << 20;

    /// <summary>
    /// Longest bencoded head of a metadata message (BEP 9); its three integers need less than 80 bytes.
    /// </summary>
    public const int MaxMetadataHeadBytes = 1024;

    /// <summary>Most hashes of one hash request. BEP 52 proposes 512; libtorrent answers up to 8,192.</summary>
    public const int MaxHashes = 8192;

    /// <summary>
    /// Highest layer of a Merkle tree: a file has at most 2^63 bytes, so at most 2^49 leaves of 16 KiB.
    /// </summary>
    public const int MaxMerkleLayers = 50;

    /// <summary>Longest client name, in characters; longer ones are cut.</summary>
    public const int MaxClientChars = 64;
}

/// <summary>Limits of the messages between nodes, supernodes and planters; protocol version 1.</summary>
public static class NetworkLimits
{
    /// <summary>Signature algorithm 1: ECDSA P-256 with SHA-256.</summary>
    public const int Algorithm = 1;

    /// <summary>Zero bits of work in public networks: about a second on one core.</summary>
    public const int WorkFloorBits = 20;

    /// <summary>Zero bits of work in private networks, where work only exercises the mechanism.</summary>
    public const int PrivateWorkFloorBits = 8;

    /// <summary>How many bits more than the floor a node may demand.</summary>
    public const int MaxExtraWorkBits = 6;

    /// <summary>
    /// Candidates of an order: 3 holders and 9 replacements. With more, an order is longer than an MTU.
    /// </summary>
    public const int MaxCandidates = 12;

    /// <summary>Swarm ids of an order: a hybrid torrent has two.</summary>
    public const int MaxSwarms = 2;

    /// <summary>Default number of holders of an order.</summary>
    public const int DefaultWant = 3;

    /// <summary>URLs of a record: http and https, each over IPv4 and IPv6.</summary>
    public const int MaxUrls = 4;

    /// <summary>Addresses of a record.</summary>
    public const int MaxAddresses = 4;

    /// <summary>Most draws of a node in placement.</summary>
    public const int MaxWeight = 4;

    /// <summary>Length of the software's name in a record.</summary>
    public const int MaxSoftwareBytes = 64;

    /// <summary>
    /// Longest signed item except a batch. An order has about 700 bytes, a record with four long URLs about 2,000.
    /// </summary>
    public const int MaxItemBytes = 4 * 1024;

    /// <summary>Longest batch of peers, signature included.</summary>
    public const int MaxBatchBytes = 256 * 1024;

    /// <summary>Most new and renewed peers of one torrent in a batch, and most peers that have left.</summary>
    public const int MaxSharedPeers = 200;

    /// <summary>Most entries of a batch: as many of the shortest as fit into <see cref="MaxBatchBytes"/>.</summary>
    public const int MaxShares = 4096;

    /// <summary>Most receipts in a .torrent file: one per candidate.</summary>
    public const int MaxReceipts = MaxCandidates;

    /// <summary>Most supernodes in a .torrent file.</summary>
    public const int MaxSupernodes = 16;

    /// <summary>Longest nonce that a client sends to be signed.</summary>
    public const int MaxNonceBytes = 32;

    /// <summary>Longest page of a manifest.</summary>
    public const int MaxPageBytes = 1024 * 1024;

    /// <summary>Most entries of a manifest page, about 50 bytes each.</summary>
    public const int MaxPageEntries = 16_384;

    /// <summary>Most digests of one POST /orders, so that the orders fit into a page.</summary>
    public const int MaxRequestedDigests = 512;

    /// <summary>Most records in one list. A page of 256 KiB holds fewer, even of the shortest.</summary>
    public const int MaxRecordsPerPage = 1_500;

    /// <summary>Most orders in a lookup's response; more planters of one torrent help nobody.</summary>
    public const int MaxOrdersPerLookup = 4;

    /// <summary>Most ids in an exchange between supernodes: at 40 bytes each, a request has at most 800 kB.</summary>
    public const int MaxExchangeEntries = 20_000;

    /// <summary>Largest count of seeds or leechers we accept; no swarm has ever been that large.</summary>
    public const int MaxSwarmTotal = 10_000_000;

    /// <summary>How far ahead of our clock an item's time may be.</summary>
    public static readonly TimeSpan MaxSkew = TimeSpan.FromMinutes(5);

    /// <summary>How old an order may be when its planter submits it; an older one needs a carry.</summary>
    public static readonly TimeSpan MaxOrderAge = TimeSpan.FromDays(1);
}
