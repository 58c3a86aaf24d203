using Anatomic.Engine.Peers;
using Anatomic.Wire;

namespace Anatomic.Engine.Tests.Peers;

public class PendingBitfieldTests
{
    [Fact]
    public void Pieces_announced_before_the_metadata_are_kept()
    {
        var pending = new PendingBitfield();
        pending.SetBitfield([0b1000_0000, 0]);
        pending.AddHave(new PieceIndex(8));
        pending.TryBuild(9, out var pieces, out _).ShouldBeTrue();
        (pieces[new PieceIndex(0)], pieces[new PieceIndex(8)], pieces.SetCount).ShouldBe((true, true, 2));
    }

    [Fact]
    public void A_bitfield_of_the_wrong_length_is_a_fault()
    {
        var pending = new PendingBitfield();
        pending.SetBitfield([0b1000_0000, 0]);
        pending.TryBuild(20, out _, out var fault).ShouldBeFalse();
        fault.ShouldNotBeNull().What.ShouldBe("the peer's bitfield does not fit 20 pieces");
    }

    [Fact]
    public void A_piece_that_does_not_exist_is_a_fault()
    {
        var pending = new PendingBitfield();
        pending.AddHave(new PieceIndex(9));
        pending.TryBuild(9, out _, out var fault).ShouldBeFalse();
        fault.ShouldNotBeNull().What.ShouldBe("the peer claims to have piece 9 of 9");
    }
}
