using System.Globalization;

namespace Anatomic.Comparison.Linux;

/// <summary>Processor time of the whole machine, from /proc/stat.</summary>
internal static class MachineLoad
{
    // USER_HZ, the same on every Linux that .NET supports.
    private const double TicksPerSecond = 100;

    private const int IdleColumn = 3;
    private const int IoWaitColumn = 4;
    private const int StealColumn = 7;

    // Guest time is already part of user time.
    private const int FirstGuestColumn = 8;

    public static int Cores { get; } =
        File.ReadLines("/proc/stat").Count(line => line.StartsWith("cpu", StringComparison.Ordinal)) - 1;

    /// <summary>Busy time of all cores together since boot, steal time included.</summary>
    public static TimeSpan Busy =>
        Sum(column => column < FirstGuestColumn && column is not (IdleColumn or IoWaitColumn));

    /// <summary>Steal time of all cores together: they had work, but the hypervisor ran something else.</summary>
    public static TimeSpan Stolen => Sum(column => column == StealColumn);

    private static TimeSpan Sum(Func<int, bool> isWanted)
    {
        var columns = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..];
        var ticks = columns
            .Where((_, column) => isWanted(column))
            .Sum(text => double.Parse(text, CultureInfo.InvariantCulture));
        return TimeSpan.FromSeconds(ticks / TicksPerSecond);
    }
}
