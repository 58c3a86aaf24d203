namespace Anatomic.Simulation.Scheduling;

/// <summary>
/// One life of a host, from start to crash. Whatever is scheduled belongs to one; after the crash nothing of it runs any more,
/// which is how a crash loses memory.
/// </summary>
internal sealed class HostProcess
{
    // What a crash dropped stays reachable until the run ends: its tasks are not unobserved, they were killed.
    private readonly List<object> dropped = [];

    public HostProcess(Scheduler scheduler, string host, int loops)
    {
        Scheduler = scheduler;
        Host = host;
        Loops = [.. Enumerable.Range(0, loops).Select(_ => new SimulatedLoop(this))];
    }

    public Scheduler Scheduler { get; }
    public string Host { get; }
    public IReadOnlyList<SimulatedLoop> Loops { get; }
    public bool HasCrashed { get; private set; }

    /// <summary>Ends with the crash; what awaits this host from outside is failed by it.</summary>
    public event Action? Crashed;

    public void Drop(object what) => dropped.Add(what);

    public void End()
    {
        HasCrashed = true;
        Crashed?.Invoke();
    }
}
