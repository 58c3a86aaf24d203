using Anatomic.Wire;

namespace Anatomic.Engine.Choking;

/// <summary>A peer, as the choker sees it.</summary>
/// <param name="PeerNumber">The peer's number.</param>
/// <param name="Address">Its address; connections of one address or IPv6 /64 share a part of the slots.</param>
/// <param name="Interested">The peer is interested in our pieces.</param>
/// <param name="Unchoked">The peer is currently unchoked.</param>
/// <param name="Snubbed">
/// The peer has sent no requested block for a minute. It gets at most the optimistic slot.
/// </param>
/// <param name="DownloadRate">Payload from the peer, in bytes per second.</param>
/// <param name="UploadRate">Payload to the peer, in bytes per second.</param>
/// <param name="UnchokedFor">How long the peer has been unchoked.</param>
/// <param name="ConnectedFor">How long the peer has been connected.</param>
internal readonly record struct ChokeCandidate(
    int PeerNumber,
    Endpoint Address,
    bool Interested,
    bool Unchoked,
    bool Snubbed,
    long DownloadRate,
    long UploadRate,
    TimeSpan UnchokedFor,
    TimeSpan ConnectedFor
)
{
    /// <summary>
    /// The host behind the connection: an IPv4 address or an IPv6 /64, which one subscriber has whole.
    /// </summary>
    public Endpoint Host => Address.IsV4 ? Address.WithPort(0) : new Endpoint(Address.High, 0, 0);
}
