using Anatomic.Engine.Limits;
using Anatomic.Wire;
using Anatomic.Wire.Peers;

namespace Anatomic.Engine.Peers;

/// <summary>
/// A connected peer that has completed the handshake: its protocol state on both sides. Owned by its torrent's loop.
/// </summary>
internal sealed class Peer
{
    public RateMeter Down;
    public RateMeter Up;

    public Peer(
        int number,
        PeerConnection connection,
        Handshake handshake,
        PeerCandidate? candidate,
        DateTimeOffset now
    )
    {
        Number = number;
        Connection = connection;
        Remote = connection.Remote;
        Id = handshake.PeerId;
        Swarm = handshake.InfoHash;
        Candidate = candidate;
        IsOutgoing = candidate is not null;
        IsFast = handshake.Features.HasFlag(PeerFeatures.Fast);
        IsExtended = handshake.Features.HasFlag(PeerFeatures.Extended);
        ConnectedAt = UnchokedAt = LastReceived = LastUseful = now;
        Cost = new PeerCost(now);
        Blocks = new PeerBlockSource(this) { LastBlock = now };
    }

    /// <summary>Above 0 and unique in its torrent.</summary>
    public int Number { get; }
    public PeerConnection Connection { get; }
    public Endpoint Remote { get; }
    public Hash20 Id { get; }
    public Hash20 Swarm { get; }

    /// <summary>
    /// The address we dialled, or the listening address an incoming peer announced; null when it announced none.
    /// </summary>
    public PeerCandidate? Candidate { get; set; }
    public bool IsOutgoing { get; }

    /// <summary>The peer supports the fast extension (BEP 6).</summary>
    public bool IsFast { get; }

    /// <summary>The peer supports the extension protocol (BEP 10).</summary>
    public bool IsExtended { get; }

    /// <summary>The peer as a source of blocks, and our requests to it.</summary>
    public PeerBlockSource Blocks { get; }

    /// <summary>The connection uses the v2 info-hash, so hash messages are allowed (BEP 52).</summary>
    public bool IsV2 { get; init; }

    /// <summary>The peer's extended handshake (BEP 10); null until it arrives.</summary>
    public ExtendedHandshake? Extended { get; set; }

    /// <summary>The pieces the peer announced before the metadata was known.</summary>
    public PendingBitfield? PendingBitfield { get; set; }

    /// <summary>The peer's pieces; null until the metadata is known.</summary>
    public PieceSet? Pieces { get; set; }

    public bool IsSeed => Pieces is { IsFull: true } || Extended is { UploadOnly: true };

    public bool AmChoking { get; set; } = true;
    public bool AmInterested { get; set; }
    public bool IsChoking { get; set; } = true;
    public bool IsInterested { get; set; }

    /// <summary>The peer's requests to us.</summary>
    public IncomingRequests IncomingRequests { get; } = new();

    /// <summary>What the peer costs and earns; it is dropped when this is exhausted.</summary>
    public PeerCost Cost { get; }

    /// <summary>Pieces we may request while the peer chokes us (BEP 6).</summary>
    public List<PieceIndex> AllowedFastByPeer { get; } = [];

    /// <summary>Pieces the peer may request while we choke it (BEP 6).</summary>
    public IReadOnlyList<PieceIndex> AllowedFastByUs { get; set; } = [];

    public DateTimeOffset ConnectedAt { get; }
    public DateTimeOffset UnchokedAt { get; set; }
    public DateTimeOffset LastReceived { get; set; }

    /// <summary>When a block was last transferred, in either direction.</summary>
    public DateTimeOffset LastUseful { get; set; }

    /// <summary>Since when the peer's next message is incomplete; null when nothing of it has arrived.</summary>
    public DateTimeOffset? MessageSince { get; set; }

    /// <summary>What the incomplete message takes of the session's memory for long ones.</summary>
    public int LargeMessageBytes { get; set; }

    /// <summary>Superseeding (BEP 16): the peer was told of none of our pieces when it connected.</summary>
    public bool HidesPieces { get; set; }

    /// <summary>Rejects a request. Without BEP 6 there is no such message: a choke rejects all requests.</summary>
    public void Reject(BlockRange block)
    {
        if (IsFast)
        {
            PeerMessageWriter.Block(Connection.Output, PeerMessageId.RejectRequest, block);
        }
    }

    /// <summary>Why the connection ends; null while it is open.</summary>
    public string? DropReason { get; private set; }

    /// <summary>The peer cost more than it transferred, so its address is banned for a while.</summary>
    public bool IsExpelled { get; private set; }

    /// <summary>Ends the connection of a peer whose <see cref="Cost"/> is exhausted.</summary>
    public void Expel()
    {
        IsExpelled = true;
        Drop(Cost.Reason);
    }

    /// <summary>Ends the connection; its receive loop notices and cleans up.</summary>
    public void Drop(string reason)
    {
        DropReason ??= reason;
        Connection.Abort();
    }
}
