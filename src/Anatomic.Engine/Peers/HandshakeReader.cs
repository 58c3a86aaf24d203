using Anatomic.Wire;
using Anatomic.Wire.Peers;
using Anatomic.World;

namespace Anatomic.Engine.Peers;

internal static class HandshakeReader
{
    /// <summary>Reads exactly a handshake and nothing behind it.</summary>
    /// <exception cref="NetworkException">The connection broke, or this is no handshake.</exception>
    public static async Task<Handshake> ReadAsync(IConnection connection, CancellationToken stop)
    {
        var bytes = new byte[PeerLimits.HandshakeBytes];
        var filled = 0;
        while (filled < bytes.Length)
        {
            var received = await connection.ReceiveAsync(bytes.AsMemory(filled), stop);
            if (received == 0)
            {
                throw new NetworkException($"{connection.Remote} ended the connection in its handshake");
            }
            filled += received;
        }
        return Handshake.TryRead(bytes, out var handshake, out var fault)
            ? handshake
            : throw new NetworkException($"{connection.Remote}: {fault}");
    }
}
