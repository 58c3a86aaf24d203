using System.Diagnostics;

namespace Anatomic.Comparison.Linux;

/// <summary>
/// Notes when the servers' core stood still, as cores of a virtual machine do while the machine below runs something else. A thread of
/// real-time priority on that core wakes up ten thousand times a second, before any server there: what makes it late is none of them.
/// It takes some hundredths of the core from each server alike. Where a core takes long to wake up it would take far more, and see
/// stalls where there are none: there is no watch then.
/// </summary>
internal sealed unsafe class CoreWatch
{
    private static readonly long Interval = Stopwatch.Frequency / 10_000;
    private static readonly Lazy<string?> Trial = new(Try);

    private readonly List<Stall> stalls = [];
    private readonly Thread thread;
    private volatile bool ends;

    private CoreWatch()
    {
        thread = new Thread(() =>
        {
            if (Cores.TryTakePrecedence())
            {
                Watch();
            }
        });
        thread.Start();
    }

    /// <summary>A core that was not there for anybody.</summary>
    /// <param name="From">When the watch should have woken up, in ticks of the stopwatch; it may have begun an interval before.</param>
    /// <param name="To">When it did.</param>
    public readonly record struct Stall(long From, long To);

    /// <summary>Later than this is a stall, in ticks of the stopwatch: 50 microseconds, more than any call into the kernel takes.</summary>
    public static long Slack { get; } = Stopwatch.Frequency / 20_000;

    /// <summary>Why this machine has no watch; null: it has one. Tried once, at the first call, when no server should have anything to do.</summary>
    public static string? Lack => Trial.Value;

    /// <summary>Null: there is a <see cref="Lack"/>.</summary>
    public static CoreWatch? TryStart() => Lack is null ? new CoreWatch() : null;

    /// <summary>Those since the start, in their order.</summary>
    public IReadOnlyList<Stall> End()
    {
        ends = true;
        thread.Join();
        return stalls;
    }

    private static string? Try()
    {
        var lateness = new long[2000];
        var isAllowed = false;
        var sleeper = new Thread(() =>
        {
            isAllowed = Cores.TryTakePrecedence();
            for (var wake = 0; isAllowed && wake < lateness.Length; wake++)
            {
                var due = Stopwatch.GetTimestamp() + Interval;
                lateness[wake] = SleepUntil(due) - due;
            }
        });
        sleeper.Start();
        sleeper.Join();
        if (!isAllowed)
        {
            return "a thread of real-time priority is not allowed";
        }
        Array.Sort(lateness);
        var usual = lateness[lateness.Length / 2];
        return usual <= Slack / 4
            ? null
            : $"that core takes {Stopwatch.GetElapsedTime(0, usual).TotalMicroseconds:0} µs to wake up";
    }

    private void Watch()
    {
        var due = Stopwatch.GetTimestamp();
        while (!ends)
        {
            due += Interval;
            var now = SleepUntil(due);
            if (now - due > Slack)
            {
                stalls.Add(new Stall(due, now));
                due = now;
            }
        }
    }

    /// <returns>When it woke up.</returns>
    private static long SleepUntil(long due)
    {
        // The stopwatch is this clock, in nanoseconds.
        var until = new TimeStamp(due / Stopwatch.Frequency, due % Stopwatch.Frequency);
        _ = LinuxCalls.Sleep(LinuxCalls.MonotonicClock, LinuxCalls.UntilThen, &until, null);
        return Stopwatch.GetTimestamp();
    }
}
