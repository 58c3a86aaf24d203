using System.Diagnostics;

namespace Anatomic.Comparison.Linux;

/// <summary>
/// Records when the servers' core did not run. A hypervisor pauses the cores of a virtual machine to run other guests.
/// </summary>
/// <remarks>
/// A real-time thread on that core wakes up ten thousand times a second and preempts every server, so no server can
/// make it late. It costs each server the same few percent of the core. On a core that wakes up slowly it would cost
/// far more and report false stalls, so there is no detector then.
/// </remarks>
internal sealed unsafe class StallDetector
{
    private const int TrialWakeUps = 2000;

    private static readonly long Interval = Stopwatch.Frequency / 10_000;
    private static readonly Lazy<string?> Trial = new(Try);

    private readonly List<Stall> stalls = [];
    private readonly Thread thread;
    private volatile bool stopping;

    private StallDetector()
    {
        thread = new Thread(() =>
        {
            if (CpuAffinity.TryUseRealTimePriority())
            {
                Watch();
            }
        });
        thread.Start();
    }

    /// <summary>A time in which the core ran nothing of this machine.</summary>
    /// <param name="From">When the thread should have woken up, in stopwatch ticks; the stall may have begun up to one
    /// interval earlier.</param>
    /// <param name="To">When the thread did wake up, in stopwatch ticks.</param>
    public readonly record struct Stall(long From, long To);

    /// <summary>
    /// A wake-up this late is a stall, in stopwatch ticks: 50 µs, longer than any system call of a server.
    /// </summary>
    public static long Threshold { get; } = Stopwatch.Frequency / 20_000;

    /// <summary>
    /// Why this machine has no detector; null if it has one. The first call tries it out, while no server is busy.
    /// </summary>
    public static string? UnavailableReason => Trial.Value;

    /// <summary>Null if there is an <see cref="UnavailableReason"/>.</summary>
    public static StallDetector? TryStart() => UnavailableReason is null ? new StallDetector() : null;

    /// <summary>Stops and returns the stalls since the start, in order.</summary>
    public IReadOnlyList<Stall> Stop()
    {
        stopping = true;
        thread.Join();
        return stalls;
    }

    private static string? Try()
    {
        var lateness = new long[TrialWakeUps];
        var isAllowed = false;
        var sleeper = new Thread(() =>
        {
            isAllowed = CpuAffinity.TryUseRealTimePriority();
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
            return "real-time priority is not permitted";
        }
        Array.Sort(lateness);
        var median = lateness[lateness.Length / 2];
        return median <= Threshold / 4
            ? null
            : $"the core takes {Stopwatch.GetElapsedTime(0, median).TotalMicroseconds:0} µs to wake up";
    }

    private void Watch()
    {
        var due = Stopwatch.GetTimestamp();
        while (!stopping)
        {
            due += Interval;
            var now = SleepUntil(due);
            if (now - due > Threshold)
            {
                stalls.Add(new Stall(due, now));
                due = now;
            }
        }
    }

    /// <returns>The time of the wake-up.</returns>
    private static long SleepUntil(long due)
    {
        // On Linux the stopwatch is CLOCK_MONOTONIC in nanoseconds.
        var until = new TimeSpec(due / Stopwatch.Frequency, due % Stopwatch.Frequency);
        _ = SystemCalls.Sleep(SystemCalls.MonotonicClock, SystemCalls.AbsoluteTime, &until, null);
        return Stopwatch.GetTimestamp();
    }
}
