namespace Anatomic.World;

/// <summary>Heavy work away from the loops: a bounded pool on a machine, later events in seeded order in the simulation.</summary>
public interface IWorkers
{
    /// <summary>How much runs at the same time; a good number of things to keep under way.</summary>
    int Count { get; }

    /// <summary>Runs <paramref name="work"/>; the awaiting loop gets its result or its exception.</summary>
    Task<T> RunAsync<T>(Func<T> work);
}

/// <summary>Event loops. What starts on a loop stays on it: plain <c>await</c> comes back to it, so its state needs no lock.</summary>
public interface ILoops
{
    /// <summary>The loops there are, one a core; always at least one.</summary>
    IReadOnlyList<ILoop> All { get; }
}

public interface ILoop
{
    /// <summary>Starts an asynchronous flow on the loop, from any thread; the task ends with it.</summary>
    Task RunAsync(Func<Task> flow);

    /// <summary>Runs a short action on the loop, after what is already queued; from any thread.</summary>
    void Post(Action action);
}
