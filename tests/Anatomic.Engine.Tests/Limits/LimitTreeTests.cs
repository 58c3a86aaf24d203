using Anatomic.Engine.Limits;
using Anatomic.Engine.Tests.Peers;

namespace Anatomic.Engine.Tests.Limits;

public class LimitTreeTests
{
    private readonly LimitTree tree = new(new FrozenClock());

    [Fact]
    public void A_limit_above_holds_below()
    {
        var torrent = new LimitNode(tree.Class("films"), tree.Session.Clock);
        torrent.IsLimited(Direction.Up).ShouldBeFalse();
        LimitTree.SetLimits(tree.Class("films"), downBytesPerSecond: 0, upBytesPerSecond: 1000);
        torrent.IsLimited(Direction.Up).ShouldBeTrue();
        torrent.IsLimited(Direction.Down).ShouldBeFalse();
        torrent.Parent = tree.Session;
        torrent.IsLimited(Direction.Up).ShouldBeFalse();
    }

    [Fact]
    public void A_class_keeps_its_node_until_it_is_removed()
    {
        var films = tree.Class("films");
        tree.Class("films").ShouldBeSameAs(films);
        tree.RemoveClass("films");
        tree.Class("films").ShouldNotBeSameAs(films);
    }

    [Fact]
    public void What_the_bucket_holds_is_granted_at_once() =>
        MemoryWorld.Run(async () =>
        {
            tree.Session.SetLimits(32_000, 0);
            var torrent = new LimitNode(tree.Session, tree.Session.Clock);
            (await torrent.AcquireAsync(Direction.Down, 1, 100_000, CancellationToken.None)).ShouldBe(1024);
            (await torrent.AcquireAsync(Direction.Down, 1, 100, CancellationToken.None)).ShouldBe(100);
            (await torrent.AcquireAsync(Direction.Up, 1, 100_000, CancellationToken.None)).ShouldBe(100_000);
        });
}
