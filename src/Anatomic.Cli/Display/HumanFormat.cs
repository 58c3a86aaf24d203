namespace Anatomic.Cli.Display;

/// <summary>Formats sizes, rates and durations for people.</summary>
public static class HumanFormat
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary><c>512 B</c>, <c>64.0 MiB</c>, <c>2.0 GiB</c>.</summary>
    public static string Bytes(long count)
    {
        double value = count;
        var unit = 0;
        while (value >= 1024 && unit < Units.Length - 1)
        {
            value /= 1024;
            unit++;
        }
        return unit == 0 ? $"{count} B" : $"{value:0.0} {Units[unit]}";
    }

    public static string Rate(long bytesPerSecond) => Bytes(bytesPerSecond) + "/s";

    /// <summary><c>4.1 s</c>, <c>3 min 20 s</c>, <c>2 h 5 min</c>, <c>3 d 4 h</c>.</summary>
    public static string Duration(TimeSpan time) =>
        time switch
        {
            { TotalSeconds: < 60 } => $"{time.TotalSeconds:0.0} s",
            { TotalMinutes: < 60 } => $"{time.Minutes} min {time.Seconds} s",
            { TotalHours: < 24 } => $"{time.Hours} h {time.Minutes} min",
            _ => $"{(int)time.TotalDays} d {time.Hours} h",
        };

    /// <summary>Percent, rounded down: 100 only when everything is done.</summary>
    public static int Percent(long done, long total) =>
        total <= 0 ? 0
        : done >= total ? 100
        : (int)Math.Min(99, done * 100.0 / total);

    /// <summary><c>1 node</c>, <c>3 nodes</c>.</summary>
    public static string Count(int count, string noun) => count == 1 ? $"1 {noun}" : $"{count} {noun}s";
}
