using System.Diagnostics;

namespace Anatomic.Peers.Linux;

/// <summary>
/// Notes when the servers' core stood still, as cores of a virtual machine do while the machine below runs something else. A thread of
/// real-time priority on that core wakes up ten thousand times a second, before any server there: what makes it late is none of them.
/// It takes some hundredths of the core from each server alike.
/// </summary>
internal sealed unsafe class CoreWatch
{
    private static readonly long Interval = Stopwatch.Frequency / 10_000;

    private readonly List<Stall> stalls = [];
    private readonly Thread thread;
    private volatile bool ends;
    private bool isAllowed;

    private CoreWatch()
    {
        using var started = new ManualResetEventSlim();
        thread = new Thread(() =>
        {
            isAllowed = Cores.TryTakePrecedence();
            started.Set();
            if (isAllowed)
            {
                Watch();
            }
        });
        thread.Start();
        started.Wait();
    }

    /// <summary>A core that was not there for anybody.</summary>
    /// <param name="From">When the watch should have woken up, in ticks of the stopwatch; it may have begun an interval before.</param>
    /// <param name="To">When it did.</param>
    public readonly record struct Stall(long From, long To);

    /// <summary>Later than this is a stall, in ticks of the stopwatch: 50 microseconds, more than any call into the kernel takes.</summary>
    public static long Slack { get; } = Stopwatch.Frequency / 20_000;

    /// <summary>Null: a thread of real-time priority is not allowed here (CAP_SYS_NICE).</summary>
    public static CoreWatch? TryStart()
    {
        var watch = new CoreWatch();
        return watch.isAllowed ? watch : null;
    }

    /// <summary>Those since the start, in their order.</summary>
    public IReadOnlyList<Stall> End()
    {
        ends = true;
        thread.Join();
        return stalls;
    }

    private void Watch()
    {
        var due = Stopwatch.GetTimestamp();
        while (!ends)
        {
            due += Interval;
            var until = new TimeStamp(due / Stopwatch.Frequency, due % Stopwatch.Frequency);
            // The stopwatch is this clock, in nanoseconds.
            _ = LinuxCalls.Sleep(LinuxCalls.MonotonicClock, LinuxCalls.UntilThen, &until, null);
            var now = Stopwatch.GetTimestamp();
            if (now - due > Slack)
            {
                stalls.Add(new Stall(due, now));
                due = now;
            }
        }
    }
}
