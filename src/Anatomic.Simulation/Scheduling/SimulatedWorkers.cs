using Anatomic.Simulation.Tracing;
using Anatomic.World;

namespace Anatomic.Simulation.Scheduling;

/// <summary>
/// Runs work as a later event. Its duration is random, so that the order of completion depends on the seed.
/// </summary>
internal sealed class SimulatedWorkers(HostProcess process, SeededEntropy entropy) : IWorkers
{
    private static readonly TimeSpan Min = TimeSpan.FromMicroseconds(5);
    private static readonly TimeSpan Max = TimeSpan.FromMicroseconds(500); // a 1 MiB piece is hashed in about 700 µs

    public int Count => 2;

    public Task<T> RunAsync<T>(Func<T> work)
    {
        var end = new TaskCompletionSource<T>();
        process.Scheduler.Schedule(
            entropy.NextTicks(Min, Max),
            process,
            () =>
            {
                process.Scheduler.Record(process, TraceKind.WorkDone, "");
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
