using Anatomic.Tracker;
using Anatomic.World;

namespace Anatomic.Cli.Verbs;

/// <summary>The files of <c>--deny</c> and <c>--allow</c>, read again when they change or when the person asks for it.</summary>
internal sealed class OperatorLists : IDisposable
{
    /// <summary>Soon enough for a takedown, and two looks at a file cost nothing.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(2);

    private readonly SwarmList? denied;
    private readonly SwarmList? allowed;
    private readonly TimeProvider clock;
    private readonly IJournal journal;
    private readonly Lock gate = new();
    private Action<TrackerRules>? listener;
    private ITimer? timer;

    private OperatorLists(SwarmList? denied, SwarmList? allowed, TimeProvider clock, IJournal journal)
    {
        (this.denied, this.allowed) = (denied, allowed);
        (this.clock, this.journal) = (clock, journal);
    }

    /// <summary>What the files say now.</summary>
    public TrackerRules Rules => new(denied?.Swarms ?? [], allowed?.Swarms);

    public static OperatorLists Read(Call call, IJournal journal, Action<string> remark, string? deny, string? allow) =>
        new(
            SwarmList.Read(call, remark, "--deny", deny),
            SwarmList.Read(call, remark, "--allow", allow),
            call.Surroundings.Clock,
            journal
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
            SwarmList?[] lists = [denied, allowed];
            var found = lists.OfType<SwarmList>().Select(list => list.Refresh(inAnyCase)).ToArray();
            if (found.Contains(ListChange.Read))
            {
                listener?.Invoke(Rules);
                journal.Write(
                    JournalLevel.Info,
                    "lists.reloaded",
                    JournalFact.Count("denied", denied?.Swarms.Count ?? 0),
                    JournalFact.Count("allowed", allowed?.Swarms.Count ?? 0)
                );
            }
            if (found.Contains(ListChange.Kept))
            {
                journal.Write(JournalLevel.Error, "lists.kept");
            }
        }
    }
}
