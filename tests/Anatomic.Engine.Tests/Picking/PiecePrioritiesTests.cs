using Anatomic.Engine.Picking;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Engine.Tests.Picking;

public class PiecePrioritiesTests
{
    [Fact]
    public void A_piece_gets_the_highest_priority_of_its_files()
    {
        // a.txt has 5 bytes, b.bin follows in the same piece.
        var info = Sample.Create(Sample.World(), TorrentFormat.V1).Info;
        var files = info.ContentFiles.Select(file => (byte)(file.Display == "set/b.bin" ? 6 : 0)).ToArray();
        files[0] = 1;
        var priorities = PiecePriorities.Of(info, files);
        priorities[0].ShouldBe((byte)6);
        priorities[^1].ShouldBe((byte)0);
        priorities.Count(priority => priority == 6).ShouldBe(4);
    }

    [Fact]
    public void A_range_overrides_the_files_and_the_last_range_wins()
    {
        var info = Sample.Create(Sample.World(), TorrentFormat.V1).Info;
        var files = new byte[info.ContentFiles.Count];
        RangePriority[] ranges = [new(new PieceIndex(1), 3, 7), new(new PieceIndex(2), 1, 0)];
        PiecePriorities.Of(info, files, ranges).Take(5).ShouldBe([0, 7, 0, 7, 0]);
    }
}
