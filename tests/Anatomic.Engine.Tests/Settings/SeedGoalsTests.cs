using Anatomic.Engine.Settings;

namespace Anatomic.Engine.Tests.Settings;

public class SeedGoalsTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public void Without_a_goal_none_is_reached() =>
        SeedGoals.None.Reached(long.MaxValue, 1, TimeSpan.MaxValue, TimeSpan.MaxValue).ShouldBeNull();

    [Theory]
    [InlineData(1_499, false)]
    [InlineData(1_500, true)]
    public void The_ratio_counts_uploaded_bytes_per_wanted_byte(long uploaded, bool isReached) =>
        (new SeedGoals { Ratio = 1.5 }.Reached(uploaded, 1_000, default, default) is not null).ShouldBe(isReached);

    [Fact]
    public void The_time_of_seeding_is_a_goal() =>
        new SeedGoals { Time = Hour }
            .Reached(0, 1_000, Hour, default)
            .ShouldBe("the seeding time goal is reached");

    [Fact]
    public void Time_without_an_upload_is_a_goal() =>
        new SeedGoals { Idle = Hour }
            .Reached(0, 1_000, default, Hour)
            .ShouldBe("nothing was uploaded for the time of the idle goal");
}
