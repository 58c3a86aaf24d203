using Anatomic.Engine.Peers;
using Anatomic.Wire;

namespace Anatomic.Engine.Torrents;

/// <summary>A connected peer of a torrent.</summary>
/// <param name="Address">Its address.</param>
/// <param name="Client">The name that it gives itself; empty when it gives none.</param>
/// <param name="IsOutgoing">We dialled it.</param>
/// <param name="DownloadRate">Payload received from it, in bytes per second.</param>
/// <param name="UploadRate">Payload sent to it, in bytes per second.</param>
/// <param name="Downloaded">Payload received from it, in bytes.</param>
/// <param name="Uploaded">Payload sent to it, in bytes.</param>
/// <param name="PieceCount">The number of pieces that it has.</param>
/// <param name="AmChoking">We choke it.</param>
/// <param name="AmInterested">We are interested in its pieces.</param>
/// <param name="IsChoking">It chokes us.</param>
/// <param name="IsInterested">It is interested in our pieces.</param>
public sealed record PeerStatus(
    Endpoint Address,
    string Client,
    bool IsOutgoing,
    long DownloadRate,
    long UploadRate,
    long Downloaded,
    long Uploaded,
    int PieceCount,
    bool AmChoking,
    bool AmInterested,
    bool IsChoking,
    bool IsInterested
)
{
    internal static PeerStatus Of(Peer peer) =>
        new(
            peer.Remote,
            peer.Extended?.Client ?? "",
            peer.IsOutgoing,
            peer.Down.Rate,
            peer.Up.Rate,
            peer.Down.Total,
            peer.Up.Total,
            peer.Pieces?.SetCount ?? 0,
            peer.AmChoking,
            peer.AmInterested,
            peer.IsChoking,
            peer.IsInterested
        );
}
