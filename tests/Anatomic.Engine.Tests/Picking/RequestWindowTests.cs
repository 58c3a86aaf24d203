using Anatomic.Engine.Picking;

namespace Anatomic.Engine.Tests.Picking;

public class RequestWindowTests
{
    [Fact]
    public void The_window_grows_with_the_rate_and_shrinks_when_snubbed()
    {
        var window = new RequestWindow();
        window.SetMaxSize(500);
        for (var i = 0; i < 1000; i++)
        {
            window.BlockReceived(TimeSpan.FromMilliseconds(20));
        }
        window.Size.ShouldBe(500);
        window.Tick(1_000_000);
        window.Tick(1_000_000);
        window.Size.ShouldBe(19);
        window.Tick(10_000);
        window.Size.ShouldBe(16);
        window.Snubbed();
        window.Size.ShouldBe(1);
    }
}
