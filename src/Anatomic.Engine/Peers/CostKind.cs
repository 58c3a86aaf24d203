namespace Anatomic.Engine.Peers;

/// <summary>What a peer makes us do; the reason of a drop names the most expensive kind.</summary>
internal enum CostKind
{
    /// <summary>Any message, however cheap its handling is.</summary>
    Message,

    /// <summary>Bitfields, have-all and have-none, which replace all pieces of the peer, and repeated haves.</summary>
    Pieces,

    /// <summary>Requests for blocks.</summary>
    Request,

    /// <summary>Cancelled requests.</summary>
    Cancel,

    /// <summary>Rejected requests, which we send again to another peer.</summary>
    Reject,

    /// <summary>Changes of interest and choking.</summary>
    Interest,

    /// <summary>Extended handshakes (BEP 10).</summary>
    Handshake,

    /// <summary>Metadata messages (BEP 9).</summary>
    Metadata,

    /// <summary>Hash messages (BEP 52).</summary>
    Hashes,

    /// <summary>Reads of data that was not in memory.</summary>
    DiskRead,

    /// <summary>Blocks that we did not request.</summary>
    UnrequestedBlock,
}
