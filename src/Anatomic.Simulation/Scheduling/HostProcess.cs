namespace Anatomic.Simulation.Scheduling;

/// <summary>
/// Everything that runs on a host between a start and a crash. Each scheduled event belongs to one process; after the
/// crash none of them runs, which is how a crash loses memory.
/// </summary>
internal sealed class HostProcess
{
    // Tasks that a crash killed stay reachable until the run ends, so that they do not count as unobserved.
    private readonly List<object> killed = [];

    public HostProcess(Scheduler scheduler, string host, int loops)
    {
        Scheduler = scheduler;
        Host = host;
        Loops = [.. Enumerable.Range(0, loops).Select(_ => new SimulatedLoop(this))];
    }

    public Scheduler Scheduler { get; }

    /// <summary>The host's name; empty for the scenario's own process.</summary>
    public string Host { get; }
    public IReadOnlyList<SimulatedLoop> Loops { get; }
    public bool HasCrashed { get; private set; }

    /// <summary>Raised by the crash, so that code which awaits this host from outside fails.</summary>
    public event Action? Crashed;

    /// <summary>Keeps what the crash killed reachable until the end of the run.</summary>
    public void KeepAlive(object thing) => killed.Add(thing);

    public void Crash()
    {
        HasCrashed = true;
        Crashed?.Invoke();
    }
}
