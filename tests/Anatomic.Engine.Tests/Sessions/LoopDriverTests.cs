using Anatomic.Engine.Sessions;

namespace Anatomic.Engine.Tests.Sessions;

public class LoopDriverTests
{
    [Theory]
    [InlineData(-1.5, 0)]
    [InlineData(-60_000, 0)]
    [InlineData(0, 0)]
    [InlineData(0.2, 1)]
    [InlineData(1_000, 1_000)]
    [InlineData(7_200_000, 3_600_000)]
    public void A_pause_is_never_negative_and_never_spins(double remaining, double expected) =>
        LoopDriver.PauseFor(TimeSpan.FromMilliseconds(remaining)).ShouldBe(TimeSpan.FromMilliseconds(expected));
}
