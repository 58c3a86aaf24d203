using Anatomic.Engine.Torrents;
using Anatomic.World;

namespace Anatomic.Engine.Sessions;

/// <summary>
/// Visits the torrents of one loop when they are due. A heap orders them by time, so a torrent that nothing concerns
/// costs nothing.
/// </summary>
internal sealed class LoopDriver(ILoop loop, SharedResources shared, CancellationToken stop)
{
    private readonly PriorityQueue<TorrentCore, DateTimeOffset> due = new();

    // The time at which each torrent is really due; entries of the heap with another time are stale.
    private readonly Dictionary<TorrentCore, DateTimeOffset> times = [];
    private CancellationTokenSource? sleeping;
    private bool isRunning;

    /// <summary>Has a torrent visited soon; called on the loop.</summary>
    public void Wake(TorrentCore torrent)
    {
        Schedule(torrent, shared.Now);
        if (sleeping is { } pause)
        {
            // Not at once: a visit must not run inside whatever woke the torrent.
            loop.Post(() => Cancel(pause));
        }
        if (!isRunning)
        {
            isRunning = true;
            _ = loop.RunAsync(RunAsync);
        }
    }

    /// <summary>Forgets a torrent; called on the loop.</summary>
    public void Remove(TorrentCore torrent) => times.Remove(torrent);

    private void Schedule(TorrentCore torrent, DateTimeOffset at)
    {
        times[torrent] = at;
        due.Enqueue(torrent, at);
    }

    private async Task RunAsync()
    {
        while (!stop.IsCancellationRequested)
        {
            VisitDue();
            await SleepAsync();
        }
    }

    private void VisitDue()
    {
        var now = shared.Now;
        while (due.TryPeek(out var torrent, out var at) && at <= now)
        {
            due.Dequeue();
            if (!times.TryGetValue(torrent, out var current) || current != at)
            {
                continue;
            }
            times.Remove(torrent);
            if (Visit(torrent, now) is { } next)
            {
                // A wake-up during the visit is earlier and counts.
                var isWoken = times.TryGetValue(torrent, out var woken) && woken <= next;
                if (!isWoken)
                {
                    Schedule(torrent, next > now ? next : now + EngineLimits.TickInterval);
                }
            }
        }
    }

    private DateTimeOffset? Visit(TorrentCore torrent, DateTimeOffset now)
    {
        try
        {
            return torrent.Visit(now);
        }
        catch (Exception bug)
        {
            // One torrent's bug must not stop the others.
            shared.World.EventLog.WriteException(bug);
            torrent.Lifecycle.Fail(bug.Message);
            return now + EngineLimits.TickInterval;
        }
    }

    private void Cancel(CancellationTokenSource pause)
    {
        if (sleeping == pause)
        {
            pause.Cancel();
        }
    }

    private async Task SleepAsync()
    {
        if (due.TryPeek(out _, out var next) && next <= shared.Now)
        {
            await Task.Yield();
            return;
        }
        using var wake = CancellationTokenSource.CreateLinkedTokenSource(stop);
        sleeping = wake;
        try
        {
            var pause = due.Count > 0 ? PauseFor(next - shared.Now) : EngineLimits.MaxSleep;
            await Task.Delay(pause, shared.World.Clock, wake.Token);
        }
        catch (OperationCanceledException)
        {
            // A torrent became due, or the session ends.
        }
        finally
        {
            sleeping = null;
        }
    }

    /// <summary>How long a timer waits until something is due, which may have passed already.</summary>
    internal static TimeSpan PauseFor(TimeSpan remaining)
    {
        // Timers have whole milliseconds: a shorter pause would spin, and -1 would wait for ever.
        var milliseconds = Math.Clamp(
            Math.Ceiling(remaining.TotalMilliseconds),
            0,
            EngineLimits.MaxSleep.TotalMilliseconds
        );
        return TimeSpan.FromMilliseconds(milliseconds);
    }
}
