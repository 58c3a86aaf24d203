using Anatomic.Engine.Picking;
using Anatomic.Testing;
using Anatomic.Wire;

namespace Anatomic.Engine.Tests.Picking;

public class PiecePickerTests
{
    private const int BlockCount = 4;

    private static PiecePicker Picker(int pieces) => new(pieces, _ => BlockCount, new SeededEntropy(1));

    private static PieceIndex Piece(int index) => new(index);

    private static PieceSet Set(int count, params int[] indexes)
    {
        var set = new PieceSet(count);
        foreach (var index in indexes)
        {
            set.Add(Piece(index));
        }
        return set;
    }

    private static PieceSet All(int pieces)
    {
        var set = new PieceSet(pieces);
        set.AddAll();
        return set;
    }

    private static PieceBlock[] Pick(PiecePicker picker, int peer, PieceSet pieces, int count, int maxNewPieces = 100)
    {
        var into = new PieceBlock[count];
        return into[..picker.Pick(new PickRequest(peer, pieces, null, maxNewPieces), into)];
    }

    private static void Download(PiecePicker picker, int peer, int index)
    {
        foreach (var block in Pick(picker, peer, Set(picker.PieceCount, index), BlockCount))
        {
            picker.Receive(block, peer, []).ShouldBeTrue();
        }
        picker.State(Piece(index)).ShouldBe(PieceState.Complete);
        picker.PieceWritten(Piece(index));
    }

    [Fact]
    public void The_rarest_piece_comes_first_once_we_have_some()
    {
        var picker = Picker(10);
        for (var piece = 0; piece < 4; piece++)
        {
            Download(picker, 1, piece);
        }
        picker.AddPeer(All(10));
        picker.AddPeer(Set(10, 4, 5, 6, 8, 9));
        Pick(picker, 1, All(10), 1).ShouldBe([new PieceBlock(Piece(7), 0)]);
    }

    [Fact]
    public void A_partial_piece_is_completed_before_another_is_started()
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
        Pick(picker, 1, All(3), 12).Select(b => b.Piece.Value).ShouldBe([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]);
    }

    [Fact]
    public void Priority_beats_rarity_and_an_unwanted_piece_is_never_requested()
    {
        var picker = Picker(6);
        picker.SetPriority(Piece(3), 7);
        picker.SetPriority(Piece(0), 0);
        Pick(picker, 1, All(6), 1)[0].Piece.ShouldBe(Piece(3));
        Pick(picker, 1, All(6), 100).Select(b => b.Piece).ShouldNotContain(Piece(0));
        picker.Remaining.ShouldBe(5);
    }

    [Fact]
    public void No_more_pieces_are_started_than_memory_permits() =>
        Pick(Picker(10), 1, All(10), 100, maxNewPieces: 2).Length.ShouldBe(2 * BlockCount);

    [Fact]
    public void In_the_endgame_a_block_is_requested_twice_and_cancelled_when_it_arrives()
    {
        var picker = Picker(1);
        Pick(picker, 1, All(1), BlockCount).Length.ShouldBe(BlockCount);
        Pick(picker, 2, All(1), BlockCount).Length.ShouldBe(BlockCount);
        Pick(picker, 2, All(1), BlockCount).ShouldBeEmpty();
        var cancel = new List<int>();
        picker.Receive(new PieceBlock(Piece(0), 0), 2, cancel).ShouldBeTrue();
        cancel.ShouldBe([1]);
        picker.Receive(new PieceBlock(Piece(0), 0), 1, cancel).ShouldBeFalse();
    }

    [Fact]
    public void The_blocks_of_a_disconnected_peer_are_requested_from_another()
    {
        var picker = Picker(1);
        foreach (var block in Pick(picker, 1, All(1), 2))
        {
            picker.Release(block, 1);
        }
        Pick(picker, 2, All(1), BlockCount).Length.ShouldBe(BlockCount);
    }

    [Fact]
    public void After_a_failed_piece_from_several_peers_a_single_one_is_used()
    {
        var picker = Picker(1);
        foreach (var peer in new[] { 1, 2 })
        {
            foreach (var block in Pick(picker, peer, All(1), BlockCount / 2))
            {
                picker.Receive(block, peer, []);
            }
        }
        picker.PieceFailed(Piece(0), parole: true);
        Pick(picker, 3, All(1), 1).Length.ShouldBe(1);
        Pick(picker, 4, All(1), 1).ShouldBeEmpty();
        picker.EndReservations(3);
        Pick(picker, 4, All(1), 1).Length.ShouldBe(1);
    }

    [Fact]
    public void While_choked_only_allowed_fast_pieces_are_requested()
    {
        var into = new PieceBlock[20];
        var count = Picker(10).Pick(new PickRequest(1, All(10), [Piece(6)], 100), into);
        into[..count].Select(b => b.Piece.Value).ShouldBe([6, 6, 6, 6]);
    }

    [Fact]
    public void An_idle_partial_piece_can_be_discarded()
    {
        var picker = Picker(2);
        var block = Pick(picker, 1, Set(2, 0), 1)[0];
        picker.SmallestIdle().ShouldBeNull();
        picker.Release(block, 1);
        picker.SmallestIdle().ShouldBe(Piece(0));
        picker.Discard(Piece(0));
        picker.State(Piece(0)).ShouldBe(PieceState.Missing);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Random_peers_and_failures_lead_to_all_pieces(int seed)
    {
        const int pieces = 60;
        var entropy = new SeededEntropy((ulong)seed);
        var picker = new PiecePicker(pieces, piece => 1 + (piece.Value % 5), entropy);
        var peers = new List<(int Number, PieceSet Pieces)>();
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
                        has.Add(Piece(piece));
                    }
                }
                picker.AddPeer(has);
                peers.Add((step, has));
            }
            var at = entropy.Next(peers.Count);
            var peer = peers[at];
            foreach (var block in Pick(picker, peer.Number, peer.Pieces, 1 + entropy.Next(8), maxNewPieces: 3))
            {
                if (entropy.Next(4) == 0)
                {
                    picker.Release(block, peer.Number);
                }
                else if (picker.Receive(block, peer.Number, []) && picker.State(block.Piece) == PieceState.Complete)
                {
                    if (entropy.Next(6) == 0)
                    {
                        picker.PieceFailed(block.Piece, parole: true);
                    }
                    else
                    {
                        picker.PieceWritten(block.Piece);
                    }
                }
            }
            if (entropy.Next(10) == 0)
            {
                picker.EndReservations(peer.Number);
                picker.RemovePeer(peer.Pieces);
                peers.RemoveAt(at);
            }
        }
        Enumerable.Range(0, pieces).ShouldAllBe(index => picker.State(Piece(index)) == PieceState.Have);
    }
}
