using Anatomic.Engine.Picking;
using Anatomic.Wire;

namespace Anatomic.Engine.Tests.Picking;

public class SmartBanTests
{
    private static readonly PieceIndex Piece = new(3);

    private static Endpoint Address(uint host, ushort port = 1) => Endpoint.FromV4(host, port);

    [Fact]
    public void Exactly_the_senders_of_wrong_blocks_are_named_once_the_piece_is_right()
    {
        var good = Sample.Bytes(4 * PeerLimits.BlockBytes, 1);
        var bad = good.ToArray();
        bad[PeerLimits.BlockBytes] ^= 1;
        var ban = new SmartBan();
        ban.PieceFailed(Piece, SmartBan.HashBlocks(bad), [Address(1), Address(2), Address(1), Address(3)]);
        ban.Suspects(Piece).ShouldBeTrue();
        ban.PieceGood(Piece, SmartBan.HashBlocks(good)).ShouldBe([Address(2, port: 0)]);
        ban.Suspects(Piece).ShouldBeFalse();
    }

    [Fact]
    public void The_senders_of_every_attempt_are_named()
    {
        var ban = new SmartBan();
        ban.PieceFailed(Piece, [1, 9], [Address(1), Address(2)]);
        ban.PieceFailed(Piece, [8, 2], [Address(3), Address(4)]);
        ban.PieceGood(Piece, [1, 2]).Order().ShouldBe([Address(2, port: 0), Address(3, port: 0)]);
    }

    [Fact]
    public void The_oldest_piece_is_forgotten_when_there_are_too_many_blocks()
    {
        var ban = new SmartBan();
        var hashes = new ulong[8_192];
        var senders = new Endpoint[hashes.Length];
        for (var i = 0; i <= EngineLimits.MaxSuspectBlocks / hashes.Length; i++)
        {
            ban.PieceFailed(new PieceIndex(i), hashes, senders);
        }
        ban.Suspects(new PieceIndex(0)).ShouldBeFalse();
        ban.Suspects(new PieceIndex(1)).ShouldBeTrue();
    }
}
