using Anatomic.Wire;

namespace Anatomic.Engine.Limits;

/// <summary>
/// A weekly schedule of limit profiles: for each hour of the seven days, in local time, the number of the profile that
/// holds.
/// </summary>
internal sealed class LimitSchedule
{
    public const int Hours = 7 * 24;

    private readonly byte[] profiles;

    /// <param name="profiles">168 profile numbers; the first is Monday from 0:00 to 1:00.</param>
    public LimitSchedule(ReadOnlySpan<byte> profiles)
    {
        Invariant.Holds(profiles.Length == Hours);
        this.profiles = profiles.ToArray();
    }

    /// <summary>The profile that holds at an instant.</summary>
    public int ProfileAt(DateTimeOffset instant, TimeZoneInfo zone)
    {
        var local = TimeZoneInfo.ConvertTime(instant, zone);
        var day = ((int)local.DayOfWeek + 6) % 7; // the week starts on Monday (ISO 8601)
        return profiles[(day * 24) + local.Hour];
    }

    /// <summary>When another profile holds next; null when it is the same all week.</summary>
    public DateTimeOffset? NextChange(DateTimeOffset instant, TimeZoneInfo zone)
    {
        var current = ProfileAt(instant, zone);
        var next = instant;
        // A week, and the hours by which daylight saving can shift it.
        for (var i = 0; i < Hours + 2; i++)
        {
            var local = TimeZoneInfo.ConvertTime(next, zone);
            next += TimeSpan.FromTicks(TimeSpan.TicksPerHour - (local.TimeOfDay.Ticks % TimeSpan.TicksPerHour));
            if (ProfileAt(next, zone) != current)
            {
                return next;
            }
        }
        return null;
    }
}
