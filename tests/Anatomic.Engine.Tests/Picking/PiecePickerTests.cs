using Anatomic.Engine.Picking;
using Anatomic.Testing;
using Anatomic.Wire;

namespace Anatomic.Engine.Tests.Picking;

public class PiecePickerTests
{
    private const int Blocks = 4;

    private static PiecePicker Picker(int pieces) => new(pieces, _ => Blocks, new SeededEntropy(1));

    private static PieceSet Of(int pieces, params int[] has)
    {
        var set = new PieceSet(pieces);
        foreach (var piece in has)
        {
            set.Add(piece);
        }
        return set;
    }

    private static PieceSet All(int pieces)
    {
        var set = new PieceSet(pieces);
        set.AddAll();
        return set;
    }

    private static PieceBlock[] Pick(PiecePicker picker, int peer, PieceSet has, int count, int mayStart = 100)
    {
        var into = new PieceBlock[count];
        return into[..picker.Pick(new PickRequest(peer, has, null, mayStart), into)];
    }

    private static void Fetch(PiecePicker picker, int peer, int piece)
    {
        foreach (var block in Pick(picker, peer, Of(picker.Pieces, piece), Blocks))
        {
            picker.Take(block.Piece, block.Block, peer, []).ShouldBeTrue();
        }
        picker.State(piece).ShouldBe(PieceState.Whole);
        picker.Written(piece);
    }

    [Fact]
    public void The_rarest_piece_comes_first_once_some_are_had()
    {
        var picker = Picker(10);
        for (var piece = 0; piece < 4; piece++)
        {
            Fetch(picker, 1, piece);
        }
        picker.AddPeer(All(10));
        picker.AddPeer(Of(10, 4, 5, 6, 8, 9));
        Pick(picker, 1, All(10), 1).ShouldBe([new PieceBlock(7, 0)]);
    }

    [Fact]
    public void A_partial_piece_is_completed_before_another_is_begun()
    {
        var picker = Picker(10);
        var first = Pick(picker, 1, All(10), 2);
        var next = Pick(picker, 2, All(10), 3);
        next[0].Piece.ShouldBe(first[0].Piece);
        next[1].Piece.ShouldBe(first[0].Piece);
        next[2].Piece.ShouldNotBe(first[0].Piece);
    }

    [Fact]
    public void Pieces_come_in_order_when_sequential()
    {
        var picker = Picker(3);
        picker.Sequential = true;
        Pick(picker, 1, All(3), 12).Select(b => b.Piece).ShouldBe([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]);
    }

    [Fact]
    public void A_higher_priority_beats_rarity_and_an_unwanted_piece_is_never_asked_for()
    {
        var picker = Picker(6);
        picker.SetPriority(3, 7);
        picker.SetPriority(0, 0);
        Pick(picker, 1, All(6), 1)[0].Piece.ShouldBe(3);
        Pick(picker, 1, All(6), 100).Select(b => b.Piece).ShouldNotContain(0);
        picker.Remaining.ShouldBe(5);
    }

    [Fact]
    public void No_more_pieces_are_begun_than_the_memory_has_room_for() =>
        Pick(Picker(10), 1, All(10), 100, mayStart: 2).Length.ShouldBe(2 * Blocks);

    [Fact]
    public void In_the_endgame_others_are_asked_too_and_cancelled_when_the_block_comes()
    {
        var picker = Picker(1);
        Pick(picker, 1, All(1), Blocks).Length.ShouldBe(Blocks);
        Pick(picker, 2, All(1), Blocks).Length.ShouldBe(Blocks);
        Pick(picker, 2, All(1), Blocks).ShouldBeEmpty();
        var cancel = new List<int>();
        picker.Take(0, 0, 2, cancel).ShouldBeTrue();
        cancel.ShouldBe([1]);
        picker.Take(0, 0, 1, cancel).ShouldBeFalse();
    }

    [Fact]
    public void Blocks_of_a_peer_that_went_are_asked_of_another()
    {
        var picker = Picker(1);
        foreach (var block in Pick(picker, 1, All(1), 2))
        {
            picker.Release(block.Piece, block.Block, 1);
        }
        Pick(picker, 2, All(1), Blocks).Length.ShouldBe(Blocks);
    }

    [Fact]
    public void A_failed_piece_of_several_peers_is_next_given_by_one_alone()
    {
        var picker = Picker(1);
        foreach (var peer in new[] { 1, 2 })
        {
            foreach (var block in Pick(picker, peer, All(1), Blocks / 2))
            {
                picker.Take(block.Piece, block.Block, peer, []);
            }
        }
        picker.Failed(0, parole: true);
        Pick(picker, 3, All(1), 1).Length.ShouldBe(1);
        Pick(picker, 4, All(1), 1).ShouldBeEmpty();
        picker.Forget(3);
        Pick(picker, 4, All(1), 1).Length.ShouldBe(1);
    }

    [Fact]
    public void While_choked_only_allowed_pieces_are_asked_for()
    {
        var into = new PieceBlock[20];
        var count = Picker(10).Pick(new PickRequest(1, All(10), [6], 100), into);
        into[..count].Select(b => b.Piece).ShouldBe([6, 6, 6, 6]);
    }

    [Fact]
    public void An_idle_partial_piece_can_be_given_up()
    {
        var picker = Picker(2);
        var block = Pick(picker, 1, Of(2, 0), 1)[0];
        picker.Evict().ShouldBe(-1);
        picker.Release(block.Piece, block.Block, 1);
        picker.Evict().ShouldBe(0);
        picker.State(0).ShouldBe(PieceState.Missing);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Any_sequence_of_peers_leads_to_every_piece_once(int seed)
    {
        const int pieces = 60;
        var entropy = new SeededEntropy((ulong)seed);
        var picker = new PiecePicker(pieces, piece => 1 + (piece % 5), entropy);
        var peers = new List<(int Number, PieceSet Has)>();
        for (var step = 1; picker.Remaining > 0; step++)
        {
            step.ShouldBeLessThan(20_000);
            if (peers.Count < 5)
            {
                var has = new PieceSet(pieces);
                for (var piece = 0; piece < pieces; piece++)
                {
                    if (entropy.Next(3) > 0)
                    {
                        has.Add(piece);
                    }
                }
                picker.AddPeer(has);
                peers.Add((step, has));
            }
            var at = entropy.Next(peers.Count);
            var peer = peers[at];
            foreach (var block in Pick(picker, peer.Number, peer.Has, 1 + entropy.Next(8), mayStart: 3))
            {
                if (entropy.Next(4) == 0)
                {
                    picker.Release(block.Piece, block.Block, peer.Number);
                }
                else if (
                    picker.Take(block.Piece, block.Block, peer.Number, [])
                    && picker.State(block.Piece) == PieceState.Whole
                )
                {
                    if (entropy.Next(6) == 0)
                    {
                        picker.Failed(block.Piece, parole: true);
                    }
                    else
                    {
                        picker.Written(block.Piece);
                    }
                }
            }
            if (entropy.Next(10) == 0)
            {
                picker.Forget(peer.Number);
                picker.RemovePeer(peer.Has);
                peers.RemoveAt(at);
            }
        }
        Enumerable.Range(0, pieces).ShouldAllBe(piece => picker.State(piece) == PieceState.Had);
    }
}
