using System.Globalization;

namespace Anatomic.Comparison.Linux;

/// <summary>What the whole machine does, from /proc/stat.</summary>
internal static class MachineLoad
{
    // USER_HZ, the same on every Linux that .NET runs on.
    private const double TicksASecond = 100;

    private const int IdleColumn = 3;
    private const int WaitingColumn = 4;
    private const int StolenColumn = 7;

    // Time of guests is in that of users already.
    private const int FirstGuestColumn = 8;

    public static int Cores { get; } = File.ReadLines("/proc/stat").Count(line => line.StartsWith("cpu")) - 1;

    /// <summary>Time that all cores together were busy since the start; time stolen by the machine below included.</summary>
    public static TimeSpan Busy =>
        SumOf(column => column < FirstGuestColumn && column is not (IdleColumn or WaitingColumn));

    /// <summary>Time in which cores had work and the machine below ran something else, all cores together.</summary>
    public static TimeSpan Stolen => SumOf(column => column == StolenColumn);

    private static TimeSpan SumOf(Func<int, bool> isWanted)
    {
        var columns = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..];
        var ticks = columns
            .Where((_, column) => isWanted(column))
            .Sum(text => double.Parse(text, CultureInfo.InvariantCulture));
        return TimeSpan.FromSeconds(ticks / TicksASecond);
    }
}
