using System.Diagnostics.CodeAnalysis;

namespace Anatomic.Engine.Trackers;

/// <summary>Waits for its turn to announce.</summary>
internal interface IAnnounceWaiter
{
    /// <summary>The turn has come. The waiter announces, or gives the turn back.</summary>
    void Granted();

    /// <summary>The tracker's host answers nobody, so it is not asked before a time.</summary>
    void Denied(string reason, DateTimeOffset until);
}

/// <summary>What was decided about a waiter; <see cref="Reason"/> is null when its turn has come.</summary>
internal readonly record struct SlotDecision(IAnnounceWaiter Waiter, string? Reason, DateTimeOffset Until);

/// <summary>
/// Decides who may announce, so that thousands of torrents neither flood a tracker nor hold sockets: a limit for all
/// hosts, and one for each. Hosts take turns. A host that has not answered yet gets little, and one that is silent gets
/// one try after a pause, while those who wait for it are sent on to their next tracker: it holds nobody back.
/// </summary>
internal sealed class AnnounceSlots
{
    private readonly Dictionary<string, Host> hosts = new(StringComparer.OrdinalIgnoreCase);
    private readonly Queue<Host> ready = new();
    private int active;

    /// <summary>Hosts that are remembered.</summary>
    public int HostCount => hosts.Count;

    /// <summary>Adds a waiter at the end of its host's queue, or in front for an announce that cannot wait.</summary>
    public void Enter(string name, IAnnounceWaiter waiter, bool first = false)
    {
        if (!hosts.TryGetValue(name, out var host))
        {
            Prune();
            hosts.Add(name, host = new Host());
        }
        if (first)
        {
            host.Waiting.AddFirst(waiter);
        }
        else
        {
            host.Waiting.AddLast(waiter);
        }
        MakeReady(host);
    }

    /// <summary>Ends a turn.</summary>
    /// <param name="name">The host.</param>
    /// <param name="failure">Why the host gave no response; null when it gave one; empty when it was not asked.</param>
    public void Leave(string name, string? failure, DateTimeOffset now)
    {
        active--;
        var host = hosts[name];
        host.Active--;
        if (failure is null)
        {
            (host.HasAnswered, host.Failures, host.Reason) = (true, 0, null);
        }
        else if (failure.Length > 0 && now >= host.SilentUntil)
        {
            // Several announces that were under way together fail together, and count once.
            var pause = EngineLimits.TrackerBackOff * (1 << Math.Min(host.Failures++, 10));
            host.SilentUntil = now + (pause < EngineLimits.MaxTrackerBackOff ? pause : EngineLimits.MaxTrackerBackOff);
            host.Reason = failure;
        }
        MakeReady(host);
    }

    /// <summary>Returns the next decision; false when everyone else must wait for a turn to end.</summary>
    public bool TryDecide(DateTimeOffset now, [MaybeNullWhen(false)] out SlotDecision decision)
    {
        decision = default;
        while (ready.TryPeek(out var host))
        {
            var isSilent = host.Reason is not null && now < host.SilentUntil;
            if (!isSilent && active >= EngineLimits.MaxAnnounces)
            {
                return false;
            }
            ready.Dequeue();
            host.IsReady = false;
            if (host.Waiting.First is not { Value: var waiter } || (!isSilent && host.Active >= LimitOf(host)))
            {
                continue;
            }
            host.Waiting.RemoveFirst();
            MakeReady(host);
            if (isSilent)
            {
                decision = new SlotDecision(waiter, host.Reason, host.SilentUntil);
                return true;
            }
            active++;
            host.Active++;
            decision = new SlotDecision(waiter, null, default);
            return true;
        }
        return false;
    }

    private static int LimitOf(Host host) =>
        host.Failures > 0 ? 1
        : host.HasAnswered ? EngineLimits.MaxAnnouncesPerHost
        : EngineLimits.MaxAnnouncesToNewHost;

    private void MakeReady(Host host)
    {
        if (!host.IsReady && host.Waiting.Count > 0)
        {
            host.IsReady = true;
            ready.Enqueue(host);
        }
    }

    private void Prune()
    {
        if (hosts.Count < EngineLimits.MaxTrackerHosts)
        {
            return;
        }
        foreach (var (name, host) in hosts)
        {
            if (host is { Active: 0, Waiting.Count: 0 })
            {
                hosts.Remove(name);
            }
        }
    }

    private sealed class Host
    {
        public LinkedList<IAnnounceWaiter> Waiting { get; } = new();
        public int Active { get; set; }
        public bool IsReady { get; set; }
        public bool HasAnswered { get; set; }
        public int Failures { get; set; }
        public DateTimeOffset SilentUntil { get; set; }
        public string? Reason { get; set; }
    }
}
