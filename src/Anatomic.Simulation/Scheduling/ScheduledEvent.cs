namespace Anatomic.Simulation.Scheduling;

/// <summary>An action that runs at a later simulated time, unless it is cancelled before.</summary>
internal sealed class ScheduledEvent(SimulatedLoop loop, Action action, bool isBackground)
{
    public SimulatedLoop Loop { get; } = loop;
    public Action Action { get; } = action;

    /// <summary>
    /// Background events alone do not keep a run alive: a run with no other event left is a deadlock.
    /// </summary>
    public bool IsBackground { get; } = isBackground;
    public bool IsCancelled { get; private set; }

    public void Cancel() => IsCancelled = true;
}
