using Anatomic.Engine.Limits;
using Anatomic.Wire;
using Anatomic.Wire.Peers;

namespace Anatomic.Engine.Peers;

/// <summary>A connected peer that has shaken hands: what it said, what it was told, and what is under way. Owned by its torrent's loop.</summary>
internal sealed class Peer(
    int number,
    PeerConnection wire,
    Handshake handshake,
    PeerCandidate? candidate,
    DateTimeOffset now
)
{
    public RateMeter Down;
    public RateMeter Up;

    /// <summary>Above 0 and unique in its torrent.</summary>
    public int Number { get; } = number;
    public PeerConnection Wire { get; } = wire;
    public Endpoint Remote { get; } = wire.Remote;
    public Hash20 Id { get; } = handshake.PeerId;
    public Hash20 Swarm { get; } = handshake.InfoHash;

    /// <summary>The address it was dialled at, or says it listens at; null for an incoming one that did not say.</summary>
    public PeerCandidate? Candidate { get; set; } = candidate;
    public bool IsOutgoing { get; } = candidate is not null;
    public bool IsFast { get; } = handshake.Features.HasFlag(PeerFeatures.Fast);
    public bool IsExtended { get; } = handshake.Features.HasFlag(PeerFeatures.Extended);

    /// <summary>The connection is one of v2: hash messages may be sent (BEP 52).</summary>
    public bool IsV2 { get; init; }

    public ExtendedHandshake? Extended { get; set; }
    public PendingBitfield? Early { get; set; }

    /// <summary>Its pieces; null until the metadata is known.</summary>
    public PieceSet? Has { get; set; }

    /// <summary>Its pieces are counted in the picker.</summary>
    public bool IsCounted { get; set; }
    public bool IsSeed => Has is { IsFull: true } || Extended is { UploadOnly: true };

    public bool AmChoking { get; set; } = true;
    public bool AmInterested { get; set; }
    public bool IsChoking { get; set; } = true;
    public bool IsInterested { get; set; }
    public bool IsSnubbed { get; set; }

    /// <summary>Wanted pieces that it has.</summary>
    public int Interesting { get; set; }

    public OutstandingRequests Asked { get; } = new();
    public RequestWindow Window { get; } = new();

    /// <summary>What it wants from us.</summary>
    public Queue<BlockRange> Wants { get; } = new();

    /// <summary>Pieces that it gives while it chokes (BEP 6).</summary>
    public List<int> GivesFast { get; } = [];

    /// <summary>Pieces that it gets while we choke (BEP 6).</summary>
    public IReadOnlyList<PieceIndex> GetsFast { get; set; } = [];

    public int Unasked { get; set; }
    public DateTimeOffset ConnectedAt { get; } = now;
    public DateTimeOffset LastBlock { get; set; } = now;
    public DateTimeOffset UnchokedAt { get; set; } = now;
    public DateTimeOffset LastHeard { get; set; } = now;
    public DateTimeOffset LastUseful { get; set; } = now;

    /// <summary>Why the connection is to end; null while it goes on.</summary>
    public string? Dropped { get; private set; }

    /// <summary>Ends the connection; the receiving flow notices and cleans up.</summary>
    public void Drop(string reason)
    {
        Dropped ??= reason;
        Wire.Abort();
    }
}
