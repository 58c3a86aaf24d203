using Anatomic.Wire;
using Anatomic.Wire.Peers;
using Anatomic.World;

namespace Anatomic.Engine.Connections;

/// <summary>Connects over TCP without encryption (BEP 3).</summary>
internal sealed class TcpConnector(INetwork network) : IPeerConnector
{
    public async Task<EstablishedConnection> ConnectAsync(Endpoint to, Handshake local, CancellationToken stop)
    {
        var connection = await network.DialAsync(to, stop);
        try
        {
            var bytes = new byte[PeerLimits.HandshakeBytes];
            local.Write(bytes);
            await connection.SendAsync(bytes, stop);
            return new EstablishedConnection(connection, await new HandshakeReader(connection).ReadAllAsync(stop));
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
