using Anatomic.Engine.Picking;

namespace Anatomic.Engine.Tests.Picking;

public class PieceCopiesTests
{
    [Fact]
    public void The_rarest_piece_and_the_part_beyond_it_make_the_distributed_copies() =>
        PieceCopies.Of([1, 2, 5, 1], seeds: 3).ShouldBe(new PieceCopies(4, 8, 4.5));

    [Fact]
    public void Without_pieces_there_are_no_copies() => PieceCopies.Of([], seeds: 1).ShouldBe(default);
}
