using Anatomic.Wire;
using Anatomic.Wire.Peers;
using Anatomic.World;

namespace Anatomic.Engine.Connections;

/// <summary>Opens connections to peers. A transport, an encryption or a proxy is one implementation each.</summary>
internal interface IPeerConnector
{
    /// <summary>Connects, and exchanges handshakes.</summary>
    /// <param name="to">The peer's address.</param>
    /// <param name="local">Our handshake, with the info-hash of the torrent we want.</param>
    /// <param name="stop">Limits the time of both together.</param>
    /// <exception cref="NetworkException">The peer cannot be reached, or does not speak the protocol.</exception>
    Task<EstablishedConnection> ConnectAsync(Endpoint to, Handshake local, CancellationToken stop);
}

/// <summary>A connection on which both handshakes were exchanged.</summary>
internal readonly record struct EstablishedConnection(IConnection Connection, Handshake Remote);
