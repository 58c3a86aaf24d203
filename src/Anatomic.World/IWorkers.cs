namespace Anatomic.World;

/// <summary>
/// Runs CPU-bound work off the loops: a bounded thread pool on a machine, later events in seeded order in the
/// simulation.
/// </summary>
public interface IWorkers
{
    /// <summary>How many jobs run at the same time; callers keep about as many in progress.</summary>
    int Count { get; }

    /// <summary>Runs <paramref name="work"/>; the awaiting loop gets its result or its exception.</summary>
    Task<T> RunAsync<T>(Func<T> work);
}

/// <summary>
/// Event loops. Code started on a loop stays on it: <c>await</c> resumes there, so its state needs no lock.
/// </summary>
public interface ILoops
{
    /// <summary>All loops, one per core; at least one.</summary>
    IReadOnlyList<ILoop> All { get; }
}

public interface ILoop
{
    /// <summary>
    /// Runs an asynchronous function on the loop; may be called from any thread. The task completes with it.
    /// </summary>
    Task RunAsync(Func<Task> work);

    /// <summary>Queues a short action on the loop; may be called from any thread.</summary>
    void Post(Action action);
}
