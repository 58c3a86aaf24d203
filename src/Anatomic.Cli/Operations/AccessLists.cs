using Anatomic.Cli.Invocation;
using Anatomic.Tracker.Policy;
using Anatomic.World;

namespace Anatomic.Cli.Operations;

/// <summary>The files of <c>--deny</c> and <c>--allow</c>, reloaded when they change and on request.</summary>
internal sealed class AccessLists : IDisposable
{
    /// <summary>Fast enough for a takedown, and checking two files costs nothing.</summary>
    private static readonly TimeSpan PollPeriod = TimeSpan.FromSeconds(2);

    private readonly InfoHashList? denied;
    private readonly InfoHashList? allowed;
    private readonly TimeProvider clock;
    private readonly IEventLog eventLog;
    private readonly Lock gate = new();
    private Action<TrackerRules>? listener;
    private ITimer? timer;

    private AccessLists(InfoHashList? denied, InfoHashList? allowed, TimeProvider clock, IEventLog eventLog)
    {
        (this.denied, this.allowed) = (denied, allowed);
        (this.clock, this.eventLog) = (clock, eventLog);
    }

    /// <summary>The rules of the files as last loaded.</summary>
    public TrackerRules Rules => new(denied?.Swarms ?? [], allowed?.Swarms);

    public static AccessLists Load(
        VerbContext context,
        IEventLog eventLog,
        Action<string> warn,
        string? deny,
        string? allow
    ) =>
        new(
            InfoHashList.Load(context, warn, "--deny", deny),
            InfoHashList.Load(context, warn, "--allow", allow),
            context.Environment.Clock,
            eventLog
        );

    /// <summary>Calls the listener with the new rules after every reload, until disposed.</summary>
    public void Watch(Action<TrackerRules> onReloaded)
    {
        if (denied is null && allowed is null)
        {
            return;
        }
        listener = onReloaded;
        timer = clock.CreateTimer(_ => Refresh(force: false), null, PollPeriod, PollPeriod);
    }

    /// <summary>Reloads the files; returns when the new rules are in effect.</summary>
    public void Reload() => Refresh(force: true);

    public void Dispose() => timer?.Dispose();

    private void Refresh(bool force)
    {
        lock (gate)
        {
            InfoHashList?[] lists = [denied, allowed];
            var results = lists.OfType<InfoHashList>().Select(list => list.Refresh(force)).ToArray();
            if (results.Contains(ListRefresh.Reloaded))
            {
                listener?.Invoke(Rules);
                eventLog.Write(
                    EventLevel.Info,
                    "lists.reloaded",
                    EventField.Count("denied", denied?.Swarms.Count ?? 0),
                    EventField.Count("allowed", allowed?.Swarms.Count ?? 0)
                );
            }
            if (results.Contains(ListRefresh.Rejected))
            {
                eventLog.Write(EventLevel.Error, "lists.rejected");
            }
        }
    }
}
