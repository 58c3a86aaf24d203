using Anatomic.Wire.Peers;

namespace Anatomic.Wire.Tests.Peers;

public class HandshakeTests
{
    private static readonly Hash20 InfoHash = new("aaaaaaaaaaaaaaaaaaaa"u8);
    private static readonly Hash20 PeerId = new("-AN1000-0123456789ab"u8);

    [Fact]
    public void A_handshake_follows_BEP_3()
    {
        var bytes = new byte[PeerLimits.HandshakeBytes];
        new Handshake(InfoHash, PeerId, PeerFeatures.None).Write(bytes);
        bytes.ShouldBe([
            19,
            .. "BitTorrent protocol"u8,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            .. "aaaaaaaaaaaaaaaaaaaa"u8,
            .. "-AN1000-0123456789ab"u8,
        ]);
    }

    [Theory]
    [InlineData(PeerFeatures.Extended, 5, 0x10)]
    [InlineData(PeerFeatures.Fast, 7, 0x04)]
    [InlineData(PeerFeatures.Dht, 7, 0x01)]
    [InlineData(PeerFeatures.V2, 7, 0x10)]
    public void Features_have_the_bits_of_their_BEPs(PeerFeatures feature, int reservedByte, byte bit)
    {
        var bytes = new byte[PeerLimits.HandshakeBytes];
        new Handshake(InfoHash, PeerId, feature).Write(bytes);
        bytes[20 + reservedByte].ShouldBe(bit);
        Handshake.TryRead(bytes, out var read, out _).ShouldBeTrue();
        read.ShouldBe(new Handshake(InfoHash, PeerId, feature));
    }

    [Fact]
    public void Unknown_reserved_bits_are_ignored()
    {
        var bytes = new byte[PeerLimits.HandshakeBytes];
        new Handshake(InfoHash, PeerId, PeerFeatures.Fast).Write(bytes);
        bytes[20] = 0xff;
        bytes[26] = 0xff;
        Handshake.TryRead(bytes, out var read, out _).ShouldBeTrue();
        read.Features.ShouldBe(PeerFeatures.Fast);
    }

    [Fact]
    public void Another_protocol_is_rejected()
    {
        var bytes = new byte[PeerLimits.HandshakeBytes];
        "GET / HTTP/1.1"u8.CopyTo(bytes);
        Handshake.TryRead(bytes, out _, out var fault).ShouldBeFalse();
        fault.What.ShouldBe("this is not a BitTorrent handshake");
    }
}
