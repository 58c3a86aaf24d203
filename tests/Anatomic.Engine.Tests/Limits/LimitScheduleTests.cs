using Anatomic.Engine.Limits;

namespace Anatomic.Engine.Tests.Limits;

public class LimitScheduleTests
{
    private static readonly TimeZoneInfo Berlin = TimeZoneInfo.CreateCustomTimeZone(
        "+1",
        TimeSpan.FromHours(1),
        "",
        ""
    );

    // A Monday.
    private static readonly DateTimeOffset Monday = new(2029, 12, 31, 0, 0, 0, TimeSpan.FromHours(1));

    [Fact]
    public void The_profile_of_the_local_hour_holds()
    {
        var profiles = new byte[LimitSchedule.Hours];
        profiles[8] = 1;
        profiles[^1] = 2;
        var schedule = new LimitSchedule(profiles);
        schedule.ProfileAt(Monday.AddHours(7.99), Berlin).ShouldBe(0);
        schedule.ProfileAt(Monday.AddHours(8).ToUniversalTime(), Berlin).ShouldBe(1);
        schedule.ProfileAt(Monday.AddMinutes(-1), Berlin).ShouldBe(2);
    }

    [Fact]
    public void The_next_change_is_at_the_hour()
    {
        var profiles = new byte[LimitSchedule.Hours];
        profiles[8] = 1;
        var schedule = new LimitSchedule(profiles);
        schedule.NextChange(Monday.AddMinutes(30), Berlin).ShouldBe(Monday.AddHours(8));
        schedule.NextChange(Monday.AddHours(8), Berlin).ShouldBe(Monday.AddHours(9));
        schedule.NextChange(Monday.AddHours(9), Berlin).ShouldBe(Monday.AddDays(7).AddHours(8));
        new LimitSchedule(new byte[LimitSchedule.Hours]).NextChange(Monday, Berlin).ShouldBeNull();
    }
}
