using Anatomic.Engine.Picking;
using Anatomic.Wire;
using Anatomic.Wire.Peers;

namespace Anatomic.Engine.Peers;

/// <summary>A connected peer as a source of blocks.</summary>
internal sealed class PeerBlockSource(Peer peer) : BlockSource(peer.Number, peer.Remote)
{
    public Peer Peer => peer;
    public override PieceSet? Pieces => peer.Pieces;
    public override bool AcceptsRequests => !peer.IsChoking || peer.AllowedFastByPeer.Count > 0;
    public override IReadOnlyCollection<PieceIndex>? AllowedPieces => peer.IsChoking ? peer.AllowedFastByPeer : null;
    public override long Rate => peer.Down.Rate;

    public override void Request(BlockRange block) =>
        PeerMessageWriter.Block(peer.Connection.Output, PeerMessageId.Request, block);

    public override void Cancel(BlockRange block) =>
        PeerMessageWriter.Block(peer.Connection.Output, PeerMessageId.Cancel, block);

    public override void ShowInterest(bool interested)
    {
        if (interested != peer.AmInterested)
        {
            peer.AmInterested = interested;
            var message = interested ? PeerMessageId.Interested : PeerMessageId.NotInterested;
            PeerMessageWriter.Plain(peer.Connection.Output, message);
        }
    }

    public override void Flush() => peer.Connection.Flush();

    public override void BlockReceived(int bytes, DateTimeOffset now)
    {
        peer.Down.Add(bytes);
        peer.LastUseful = now;
    }
}
