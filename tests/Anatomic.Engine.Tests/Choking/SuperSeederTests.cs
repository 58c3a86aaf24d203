using Anatomic.Engine.Choking;
using Anatomic.Testing;
using Anatomic.Wire;

namespace Anatomic.Engine.Tests.Choking;

public class SuperSeederTests
{
    private const int Pieces = 6;

    private readonly SuperSeeder seeder = new(Pieces, new SeededEntropy(1));
    private readonly List<int> free = [];

    [Fact]
    public void Each_peer_is_offered_another_piece_and_no_second_one()
    {
        var offered = Enumerable
            .Range(1, Pieces)
            .Select(peer => seeder.Offer(peer, new PieceSet(Pieces))!.Value)
            .ToList();
        offered.Distinct().Count().ShouldBe(Pieces);
        seeder.Offer(1, new PieceSet(Pieces)).ShouldBeNull();
        seeder.MayRequest(1, offered[0]).ShouldBeTrue();
        seeder.MayRequest(1, offered[1]).ShouldBeFalse();
    }

    [Fact]
    public void The_next_piece_is_offered_once_another_peer_has_the_last_one()
    {
        var piece = seeder.Offer(1, new PieceSet(Pieces))!.Value;
        seeder.Offer(2, new PieceSet(Pieces));
        seeder.Announced(1, has => has == piece, free);
        free.ShouldBeEmpty("only the peer itself has it");
        seeder.Announced(2, has => has == piece, free);
        free.ShouldBe([1]);
        seeder.Offer(1, new PieceSet(Pieces)).ShouldNotBeNull();
    }

    [Fact]
    public void A_peer_that_is_alone_gets_all_pieces()
    {
        var has = new PieceSet(Pieces);
        while (seeder.Offer(1, has) is { } piece)
        {
            has.Add(piece);
            seeder.Announced(1, one => one == piece, free);
        }
        has.IsFull.ShouldBeTrue();
    }

    [Fact]
    public void A_piece_offered_to_a_peer_that_left_is_as_rare_as_before()
    {
        var lost = seeder.Offer(1, new PieceSet(Pieces))!.Value;
        var others = Enumerable.Range(2, Pieces - 1).Select(peer => seeder.Offer(peer, new PieceSet(Pieces))).ToList();
        others.ShouldNotContain(lost);
        seeder.Disconnected(1);
        seeder.Offer(10, new PieceSet(Pieces)).ShouldBe(lost);
    }
}
