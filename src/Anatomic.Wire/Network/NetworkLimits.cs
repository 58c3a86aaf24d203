namespace Anatomic.Wire.Network;

/// <summary>Bounds of what the network's items hold; protocol version 1.</summary>
public static class NetworkLimits
{
    /// <summary>Algorithm 1: ECDSA P-256 with SHA-256.</summary>
    public const int Algorithm = 1;

    /// <summary>Zero bits of work in public networks: about a second on one core.</summary>
    public const int WorkFloorBits = 20;

    /// <summary>Zero bits of work in private networks: there only the mechanism is exercised.</summary>
    public const int PrivateWorkFloorBits = 8;

    /// <summary>How much more than the floor a node may demand.</summary>
    public const int MaxExtraWorkBits = 6;

    /// <summary>Candidates of an order: 3 holders and 9 to fill gaps with; more makes an order longer than an MTU.</summary>
    public const int MaxCandidates = 12;

    /// <summary>Swarm ids of an order: a hybrid torrent has two.</summary>
    public const int MaxSwarms = 2;

    /// <summary>Holders that a planter asks for when nothing else is said.</summary>
    public const int DefaultWant = 3;

    /// <summary>Urls of a record: http and https, perhaps over two families.</summary>
    public const int MaxUrls = 4;

    /// <summary>Addresses of a record.</summary>
    public const int MaxAddresses = 4;

    /// <summary>Most draws of a node in placement.</summary>
    public const int MaxWeight = 4;

    /// <summary>Length of the software's name in a record.</summary>
    public const int MaxSoftwareBytes = 64;

    /// <summary>A signed item that is no batch: an order has about 700 bytes, a record with four long urls about 2,000.</summary>
    public const int MaxItemBytes = 4 * 1024;

    /// <summary>A batch of peers, signature included.</summary>
    public const int MaxBatchBytes = 256 * 1024;

    /// <summary>Peers of one torrent in a batch, new ones and gone ones each.</summary>
    public const int MaxSharedPeers = 200;

    /// <summary>Entries of a batch: what <see cref="MaxBatchBytes"/> can hold of the shortest.</summary>
    public const int MaxShares = 4096;

    /// <summary>Receipts in a .torrent: one a candidate.</summary>
    public const int MaxReceipts = MaxCandidates;

    /// <summary>Supernodes named in a .torrent.</summary>
    public const int MaxSupernodes = 16;

    /// <summary>Bytes of a nonce that an asker sends to be signed.</summary>
    public const int MaxNonceBytes = 32;

    /// <summary>Length of a manifest page: 1 MiB.</summary>
    public const int MaxPageBytes = 1024 * 1024;

    /// <summary>Entries of a manifest page; one has about 50 bytes.</summary>
    public const int MaxPageEntries = 16_384;

    /// <summary>Digests asked at once by POST /orders: their bodies fit a page.</summary>
    public const int MaxRequestedDigests = 512;

    /// <summary>Largest count of seeds or leeches believed; far more than any swarm has had.</summary>
    public const int MaxSwarmTotal = 10_000_000;

    /// <summary>How far an item's time may be ahead.</summary>
    public static readonly TimeSpan MaxSkew = TimeSpan.FromMinutes(5);

    /// <summary>How old an order may be when its planter posts it; later only a carry brings it.</summary>
    public static readonly TimeSpan MaxOrderAge = TimeSpan.FromDays(1);
}
