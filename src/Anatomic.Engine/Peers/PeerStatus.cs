using Anatomic.Wire;

namespace Anatomic.Engine.Peers;

/// <summary>One connected peer of a torrent, as the user sees it.</summary>
public sealed record PeerStatus
{
    public required Endpoint Address { get; init; }

    /// <summary>
    /// The name and version that the peer gives itself (BEP 10), else those in its peer id (BEP 20); text from a
    /// stranger, empty when it has none.
    /// </summary>
    public required string Client { get; init; }

    /// <summary>We dialled the peer; otherwise it connected to us.</summary>
    public bool IsOutgoing { get; init; }

    /// <summary>Where its address came from: <c>incoming</c>, <c>tracker</c>, <c>user</c> and so on.</summary>
    public required string Source { get; init; }

    /// <summary>We want some of its pieces.</summary>
    public bool AmInterested { get; init; }

    /// <summary>We do not answer its requests.</summary>
    public bool AmChoking { get; init; }

    /// <summary>It wants some of our pieces.</summary>
    public bool IsInterested { get; init; }

    /// <summary>It does not answer our requests.</summary>
    public bool IsChoking { get; init; }

    /// <summary>Received from it, in bytes of payload per second.</summary>
    public long DownloadRate { get; init; }

    /// <summary>Sent to it, in bytes of payload per second.</summary>
    public long UploadRate { get; init; }

    /// <summary>Payload received on this connection, in bytes.</summary>
    public long Downloaded { get; init; }

    /// <summary>Payload sent on this connection, in bytes.</summary>
    public long Uploaded { get; init; }

    /// <summary>The share of the torrent's pieces that it has, 0 to 1; 0 while they are not known.</summary>
    public double Progress { get; init; }

    public DateTimeOffset ConnectedSince { get; init; }

    internal static PeerStatus Of(Peer peer) =>
        new()
        {
            Address = peer.Remote,
            Client = peer.Extended is { Client.Length: > 0 } extended ? extended.Client : ClientNames.Of(peer.Id),
            IsOutgoing = peer.IsOutgoing,
            Source = $"{(peer.IsOutgoing ? peer.Candidate!.Source : PeerSource.Incoming)}".ToLowerInvariant(),
            AmInterested = peer.AmInterested,
            AmChoking = peer.AmChoking,
            IsInterested = peer.IsInterested,
            IsChoking = peer.IsChoking,
            DownloadRate = peer.Down.Rate,
            UploadRate = peer.Up.Rate,
            Downloaded = peer.Down.Total,
            Uploaded = peer.Up.Total,
            Progress = peer.Pieces is { Count: > 0 } pieces ? (double)pieces.SetCount / pieces.Count : 0,
            ConnectedSince = peer.ConnectedAt,
        };
}
