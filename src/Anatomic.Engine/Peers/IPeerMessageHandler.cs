using Anatomic.Wire;
using Anatomic.Wire.Peers;

namespace Anatomic.Engine.Peers;

/// <summary>Handles the messages that <see cref="PeerReader"/> receives.</summary>
internal interface IPeerMessageHandler
{
    /// <summary>Handles one message. A fault ends the connection.</summary>
    Fault? Handle(Peer peer, in PeerMessage message);

    /// <summary>Called at the end of each turn, so that the requests of all its messages go out together.</summary>
    void TurnCompleted(Peer peer);
}
