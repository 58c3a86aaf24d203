using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Anatomic.Wire.Peers;

/// <summary>The extensions announced by a handshake's reserved bits.</summary>
[Flags]
[SuppressMessage("Design", "CA1069", Justification = "The values are defined by the protocol.")]
public enum PeerFeatures
{
    None = 0,

    /// <summary>DHT (BEP 5): bit 0x01 of byte 7.</summary>
    Dht = 1,

    /// <summary>Fast extension (BEP 6): bit 0x04 of byte 7.</summary>
    Fast = 4,

    /// <summary>A hybrid torrent's v1 connection may be upgraded to v2 (BEP 52): bit 0x10 of byte 7.</summary>
    V2 = 16,

    /// <summary>Extension protocol (BEP 10): bit 0x10 of byte 5.</summary>
    Extended = 0x10_0000,
}

/// <summary>The first 68 bytes of a connection (BEP 3).</summary>
/// <param name="InfoHash">The v1 info-hash, or the v2 info-hash truncated to 20 bytes (BEP 52).</param>
/// <param name="PeerId">20 bytes chosen by the peer.</param>
/// <param name="Features">The reserved bits we know.</param>
public readonly record struct Handshake(Hash20 InfoHash, Hash20 PeerId, PeerFeatures Features)
{
    private const int ReservedAt = 20;
    private const PeerFeatures Known = PeerFeatures.Dht | PeerFeatures.Fast | PeerFeatures.V2 | PeerFeatures.Extended;

    private static ReadOnlySpan<byte> Protocol => "\u0013BitTorrent protocol"u8;

    /// <summary>Reads exactly <see cref="PeerLimits.HandshakeBytes"/>.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out Handshake handshake, [NotNullWhen(false)] out Fault? fault)
    {
        handshake = default;
        if (bytes.Length != PeerLimits.HandshakeBytes)
        {
            fault = new Fault($"a handshake has {PeerLimits.HandshakeBytes} bytes, not {bytes.Length:N0}");
            return false;
        }
        if (!bytes.StartsWith(Protocol))
        {
            fault = new Fault("this is not a BitTorrent handshake", 0);
            return false;
        }
        // All bits in use are in the reserved bytes 4 to 7; byte 5 is the second of these.
        var reserved = (PeerFeatures)BinaryPrimitives.ReadInt32BigEndian(bytes[(ReservedAt + 4)..]);
        handshake = new Handshake(new Hash20(bytes[28..48]), new Hash20(bytes[48..68]), reserved & Known);
        fault = null;
        return true;
    }

    /// <summary>Writes <see cref="PeerLimits.HandshakeBytes"/>.</summary>
    public void Write(Span<byte> into)
    {
        Protocol.CopyTo(into);
        into[ReservedAt..28].Clear();
        BinaryPrimitives.WriteInt32BigEndian(into[(ReservedAt + 4)..], (int)(Features & Known));
        InfoHash.CopyTo(into[28..]);
        PeerId.CopyTo(into[48..]);
    }
}
