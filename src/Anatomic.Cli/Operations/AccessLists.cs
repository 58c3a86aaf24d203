using Anatomic.Cli.Invocation;
using Anatomic.Cli.Runtime;
using Anatomic.Tracker.Policy;
using Anatomic.World;

namespace Anatomic.Cli.Operations;

/// <summary>The files of <c>--deny</c> and <c>--allow</c>, read again when they change or when the person asks for it.</summary>
internal sealed class AccessLists : IDisposable
{
    /// <summary>Soon enough for a takedown, and two looks at a file cost nothing.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(2);

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

    /// <summary>What the files say now.</summary>
    public TrackerRules Rules => new(denied?.Swarms ?? [], allowed?.Swarms);

    public static AccessLists Read(
        VerbContext context,
        IEventLog eventLog,
        Action<string> remark,
        string? deny,
        string? allow
    ) =>
        new(
            InfoHashList.Read(context, remark, "--deny", deny),
            InfoHashList.Read(context, remark, "--allow", allow),
            context.ProcessEnvironment.Clock,
            eventLog
        );

    /// <summary>Tells what the files say whenever it has become another thing, until disposed.</summary>
    public void Watch(Action<TrackerRules> tell)
    {
        if (denied is null && allowed is null)
        {
            return;
        }
        listener = tell;
        timer = clock.CreateTimer(_ => Refresh(inAnyCase: false), null, LookAgain, LookAgain);
    }

    /// <summary>Reads the files now; returns when what they say counts.</summary>
    public void ReadAgain() => Refresh(inAnyCase: true);

    public void Dispose() => timer?.Dispose();

    private void Refresh(bool inAnyCase)
    {
        lock (gate)
        {
            InfoHashList?[] lists = [denied, allowed];
            var found = lists.OfType<InfoHashList>().Select(list => list.Refresh(inAnyCase)).ToArray();
            if (found.Contains(ListChange.Read))
            {
                listener?.Invoke(Rules);
                eventLog.Write(
                    EventLevel.Info,
                    "lists.reloaded",
                    EventField.Count("denied", denied?.Swarms.Count ?? 0),
                    EventField.Count("allowed", allowed?.Swarms.Count ?? 0)
                );
            }
            if (found.Contains(ListChange.Kept))
            {
                eventLog.Write(EventLevel.Error, "lists.kept");
            }
        }
    }
}
