using Anatomic.Wire;
using Anatomic.Wire.Peers;
using Anatomic.World;

namespace Anatomic.Engine.Peers;

/// <summary>Reads the handshake of a new connection (BEP 3).</summary>
internal static class HandshakeReader
{
    /// <summary>Reads exactly one handshake, and nothing after it.</summary>
    /// <exception cref="NetworkException">The connection failed, or the bytes are not a handshake.</exception>
    public static async Task<Handshake> ReadAsync(IConnection connection, CancellationToken stop)
    {
        var bytes = new byte[PeerLimits.HandshakeBytes];
        var filled = 0;
        while (filled < bytes.Length)
        {
            var received = await connection.ReceiveAsync(bytes.AsMemory(filled), stop);
            if (received == 0)
            {
                throw new NetworkException($"{connection.Remote} closed the connection during the handshake");
            }
            filled += received;
        }
        return Handshake.TryRead(bytes, out var handshake, out var fault)
            ? handshake
            : throw new NetworkException($"{connection.Remote}: {fault}");
    }
}
