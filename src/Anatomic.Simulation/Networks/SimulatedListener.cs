using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Simulation.Networks;

internal sealed class SimulatedListener(SimulatedNetwork network, Endpoint at) : IListener
{
    private const int Backlog = 128; // the kernel's usual SOMAXCONN of old
    private readonly Queue<SimulatedConnection> arrived = new();
    private readonly Queue<TaskCompletionSource<IConnection>> waiting = new();
    private bool isClosed;

    public Endpoint Local { get; } = at;

    public bool HasRoom => arrived.Count < Backlog;

    public void Arrive(SimulatedConnection connection)
    {
        while (waiting.TryDequeue(out var first))
        {
            if (first.TrySetResult(connection))
            {
                return;
            }
        }
        arrived.Enqueue(connection);
    }

    public async ValueTask<IConnection> AcceptAsync(CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        if (isClosed)
        {
            throw new NetworkException($"{Local} is no longer listened on");
        }
        if (arrived.TryDequeue(out var first))
        {
            return first;
        }
        var wait = new TaskCompletionSource<IConnection>();
        waiting.Enqueue(wait);
        await using var stopping = stop.Register(() => wait.TrySetCanceled(stop));
        return await wait.Task;
    }

    public ValueTask DisposeAsync()
    {
        if (!isClosed)
        {
            isClosed = true;
            network.Streams.Free(Local);
            while (arrived.TryDequeue(out var unwanted))
            {
                unwanted.Close();
            }
            while (waiting.TryDequeue(out var wait))
            {
                wait.TrySetException(new NetworkException($"{Local} is no longer listened on"));
            }
        }
        return ValueTask.CompletedTask;
    }
}
