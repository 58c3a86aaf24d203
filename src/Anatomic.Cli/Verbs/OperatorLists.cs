using Anatomic.Tracker;

namespace Anatomic.Cli.Verbs;

/// <summary>The files of <c>--deny</c> and <c>--allow</c>, read again when they change or when the person asks for it.</summary>
internal sealed class OperatorLists : IDisposable
{
    /// <summary>Soon enough for a takedown, and two looks at a file cost nothing.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(2);

    private readonly SwarmList? denied;
    private readonly SwarmList? allowed;
    private readonly Func<Action, IDisposable> onReload;
    private readonly Lock gate = new();
    private IDisposable? timer;
    private IDisposable? reload;

    private OperatorLists(SwarmList? denied, SwarmList? allowed, Func<Action, IDisposable> onReload) =>
        (this.denied, this.allowed, this.onReload) = (denied, allowed, onReload);

    /// <summary>What the files say now.</summary>
    public TrackerRules Rules => new(denied?.Swarms ?? [], allowed?.Swarms);

    public static OperatorLists Read(Call call, string? deny, string? allow) =>
        new(SwarmList.Read(call, "--deny", deny), SwarmList.Read(call, "--allow", allow), call.Surroundings.OnReload);

    /// <summary>Tells what the files say whenever it has become another thing, until disposed.</summary>
    public void Watch(Action<TrackerRules> tell)
    {
        if (denied is null && allowed is null)
        {
            return;
        }
        timer = TimeProvider.System.CreateTimer(_ => Refresh(tell, inAnyCase: false), null, LookAgain, LookAgain);
        reload = onReload(() => Refresh(tell, inAnyCase: true));
    }

    public void Dispose()
    {
        timer?.Dispose();
        reload?.Dispose();
    }

    private void Refresh(Action<TrackerRules> tell, bool inAnyCase)
    {
        lock (gate)
        {
            var isOther = (denied?.Refresh(inAnyCase) ?? false) | (allowed?.Refresh(inAnyCase) ?? false);
            if (isOther)
            {
                tell(Rules);
            }
        }
    }
}
