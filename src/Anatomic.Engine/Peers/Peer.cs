using Anatomic.Engine.Limits;
using Anatomic.Wire;
using Anatomic.Wire.Peers;

namespace Anatomic.Engine.Peers;

/// <summary>
/// A connected peer that has completed the handshake: its protocol state on both sides. Owned by its torrent's loop.
/// </summary>
internal sealed class Peer(
    int number,
    PeerConnection connection,
    Handshake handshake,
    PeerCandidate? candidate,
    DateTimeOffset now
)
{
    public RateMeter Down;
    public RateMeter Up;

    /// <summary>Above 0 and unique in its torrent.</summary>
    public int Number { get; } = number;
    public PeerConnection Connection { get; } = connection;
    public Endpoint Remote { get; } = connection.Remote;
    public Hash20 Id { get; } = handshake.PeerId;
    public Hash20 Swarm { get; } = handshake.InfoHash;

    /// <summary>
    /// The address we dialled, or the listening address an incoming peer announced; null when it announced none.
    /// </summary>
    public PeerCandidate? Candidate { get; set; } = candidate;
    public bool IsOutgoing { get; } = candidate is not null;

    /// <summary>The peer supports the fast extension (BEP 6).</summary>
    public bool IsFast { get; } = handshake.Features.HasFlag(PeerFeatures.Fast);

    /// <summary>The peer supports the extension protocol (BEP 10).</summary>
    public bool IsExtended { get; } = handshake.Features.HasFlag(PeerFeatures.Extended);

    /// <summary>The connection uses the v2 info-hash, so hash messages are allowed (BEP 52).</summary>
    public bool IsV2 { get; init; }

    /// <summary>The peer's extended handshake (BEP 10); null until it arrives.</summary>
    public ExtendedHandshake? Extended { get; set; }

    /// <summary>The pieces the peer announced before the metadata was known.</summary>
    public PendingBitfield? PendingBitfield { get; set; }

    /// <summary>The peer's pieces; null until the metadata is known.</summary>
    public PieceSet? Pieces { get; set; }

    /// <summary>The piece picker has counted the peer's pieces.</summary>
    public bool IsCounted { get; set; }
    public bool IsSeed => Pieces is { IsFull: true } || Extended is { UploadOnly: true };

    public bool AmChoking { get; set; } = true;
    public bool AmInterested { get; set; }
    public bool IsChoking { get; set; } = true;
    public bool IsInterested { get; set; }
    public bool IsSnubbed { get; set; }

    /// <summary>The number of the peer's pieces that we want.</summary>
    public int InterestingPieces { get; set; }

    /// <summary>Our requests to the peer.</summary>
    public OutstandingRequests Outstanding { get; } = new();
    public RequestWindow Window { get; } = new();

    /// <summary>The peer's requests to us.</summary>
    public Queue<BlockRange> IncomingRequests { get; } = new();

    /// <summary>Pieces we may request while the peer chokes us (BEP 6).</summary>
    public List<PieceIndex> AllowedFastByPeer { get; } = [];

    /// <summary>Pieces the peer may request while we choke it (BEP 6).</summary>
    public IReadOnlyList<PieceIndex> AllowedFastByUs { get; set; } = [];

    /// <summary>Consecutive blocks the peer sent without a request.</summary>
    public int UnrequestedBlocks { get; set; }
    public DateTimeOffset ConnectedAt { get; } = now;
    public DateTimeOffset LastBlock { get; set; } = now;
    public DateTimeOffset UnchokedAt { get; set; } = now;
    public DateTimeOffset LastReceived { get; set; } = now;

    /// <summary>When a block was last transferred, in either direction.</summary>
    public DateTimeOffset LastUseful { get; set; } = now;

    /// <summary>Why the connection ends; null while it is open.</summary>
    public string? DropReason { get; private set; }

    /// <summary>Ends the connection; its receive loop notices and cleans up.</summary>
    public void Drop(string reason)
    {
        DropReason ??= reason;
        Connection.Abort();
    }
}
