using Anatomic.Engine.Peers;
using Anatomic.Wire;
using Anatomic.Wire.Peers;

namespace Anatomic.Engine.Extensions;

/// <summary>An extension of the peer protocol that we support (BEP 10).</summary>
/// <param name="name">Its name in extended handshakes.</param>
/// <param name="localId">The id of its messages to us, 1 to 255.</param>
/// <param name="received">Handles a message; a fault ends the connection.</param>
internal sealed class Extension(string name, byte localId, Func<Peer, ReadOnlyMemory<byte>, Fault?> received)
{
    public string Name => name;
    public byte LocalId => localId;

    /// <summary>Whether the peer named the extension in its handshake.</summary>
    public bool IsSupportedBy(Peer peer) => RemoteId(peer) > 0;

    /// <summary>
    /// Writes a message to the peer, which the caller flushes; false when the peer does not support it.
    /// </summary>
    public bool TrySend(Peer peer, ReadOnlySpan<byte> payload)
    {
        if (RemoteId(peer) is not (> 0 and var id))
        {
            return false;
        }
        PeerMessageWriter.Extended(peer.Connection.Output, id, payload);
        return true;
    }

    public Fault? Receive(Peer peer, ReadOnlyMemory<byte> payload) => received(peer, payload);

    private byte RemoteId(Peer peer) =>
        peer.Extended is { } handshake && handshake.Extensions.TryGetValue(name, out var id) ? id : (byte)0;
}
