using Anatomic.Engine.Choking;

namespace Anatomic.Engine.Tests.Choking;

public class UploadSlotsTests
{
    [Theory]
    [InlineData(5, 0, 0, 5)]
    [InlineData(0, 0, 0, 8)]
    [InlineData(0, 0, 10 << 20, 28)]
    [InlineData(0, 0, 1 << 30, 100)]
    [InlineData(0, 5 << 10, 0, 2)]
    [InlineData(0, 40 << 10, 0, 4)]
    [InlineData(0, 1 << 20, 0, 24)]
    public void The_number_follows_the_setting_the_limit_or_the_rate(
        int setting,
        long limit,
        long rate,
        int expected
    ) => UploadSlots.For(setting, limit, rate).ShouldBe(expected);
}
