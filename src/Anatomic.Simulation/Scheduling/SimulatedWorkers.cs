using Anatomic.Simulation.Tracing;
using Anatomic.World;

namespace Anatomic.Simulation.Scheduling;

/// <summary>Work runs as a later event; how much later is drawn, so that the order of completion varies with the seed.</summary>
internal sealed class SimulatedWorkers(HostProcess process, SeededEntropy entropy) : IWorkers
{
    private static readonly TimeSpan Least = TimeSpan.FromMicroseconds(5);
    private static readonly TimeSpan Most = TimeSpan.FromMicroseconds(500); // a 1 MiB piece is hashed in about 700 µs

    public int Count => 2;

    public Task<T> RunAsync<T>(Func<T> work)
    {
        var end = new TaskCompletionSource<T>();
        process.Scheduler.After(
            entropy.Between(Least, Most),
            process,
            () =>
            {
                process.Scheduler.Add(process, TraceKind.Work, "");
                T result;
                try
                {
                    result = work();
                }
                catch (Exception failed)
                {
                    end.SetException(failed);
                    return;
                }
                end.SetResult(result);
            }
        );
        return end.Task;
    }
}
