using Anatomic.Wire;
using Anatomic.Wire.Peers;
using Anatomic.World;

namespace Anatomic.Engine.Connections;

/// <summary>
/// Reads the handshake of a new connection (BEP 3). Its first 48 bytes end with the info-hash; some peers, such as
/// checks for NAT, send only those and wait for our handshake before they send their id.
/// </summary>
internal sealed class HandshakeReader(IConnection connection)
{
    private const int HeadBytes = PeerLimits.HandshakeBytes - Hash20.Length;

    private readonly byte[] bytes = new byte[PeerLimits.HandshakeBytes];
    private int filled;

    /// <summary>Reads the head; the peer id of the result is not known yet.</summary>
    /// <exception cref="NetworkException">The connection failed, or the bytes are not a handshake.</exception>
    public Task<Handshake> ReadHeadAsync(CancellationToken stop) => ReadAsync(HeadBytes, stop);

    /// <summary>Reads what is missing of the handshake, and nothing after it.</summary>
    /// <exception cref="NetworkException">The connection failed, or the bytes are not a handshake.</exception>
    public Task<Handshake> ReadAllAsync(CancellationToken stop) => ReadAsync(PeerLimits.HandshakeBytes, stop);

    private async Task<Handshake> ReadAsync(int length, CancellationToken stop)
    {
        while (filled < length)
        {
            var received = await connection.ReceiveAsync(bytes.AsMemory(filled, length - filled), stop);
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
