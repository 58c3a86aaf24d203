using Anatomic.Wire;
using Anatomic.Wire.Peers;

namespace Anatomic.Engine.Peers;

/// <summary>Handles the messages that <see cref="PeerReader"/> receives.</summary>
internal interface IPeerMessageHandler
{
    /// <summary>Handles one message. A fault ends the connection.</summary>
    Fault? Handle(Peer peer, in PeerMessage message);

    /// <summary>The maximum number of bytes to receive at once.</summary>
    int MaxReceiveBytes { get; }

    /// <summary>
    /// Called at the end of each turn, so that the requests of all its messages go out together. Returns how long to
    /// wait before the next receive, for a rate limit.
    /// </summary>
    TimeSpan TurnCompleted(Peer peer, int bytes);
}
