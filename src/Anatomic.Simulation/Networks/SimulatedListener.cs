using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Simulation.Networks;

/// <summary>A listening TCP socket.</summary>
internal sealed class SimulatedListener(SimulatedNetwork network, Endpoint local) : IListener
{
    private const int Backlog = 128; // SOMAXCONN before Linux 5.4
    private readonly Queue<SimulatedConnection> pending = new();
    private readonly Queue<TaskCompletionSource<IConnection>> accepting = new();
    private bool isClosed;

    public Endpoint Local { get; } = local;

    public bool HasRoom => pending.Count < Backlog;

    /// <summary>Hands the connection to a waiting accept, or queues it.</summary>
    public void Enqueue(SimulatedConnection connection)
    {
        while (accepting.TryDequeue(out var accept))
        {
            if (accept.TrySetResult(connection))
            {
                return;
            }
        }
        pending.Enqueue(connection);
    }

    public async ValueTask<IConnection> AcceptAsync(CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        if (isClosed)
        {
            throw Closed();
        }
        if (pending.TryDequeue(out var connection))
        {
            return connection;
        }
        var accept = new TaskCompletionSource<IConnection>();
        accepting.Enqueue(accept);
        await using var stopping = stop.Register(() => accept.TrySetCanceled(stop));
        return await accept.Task;
    }

    public ValueTask DisposeAsync()
    {
        if (!isClosed)
        {
            isClosed = true;
            network.Streams.Free(Local);
            while (pending.TryDequeue(out var connection))
            {
                connection.Close();
            }
            while (accepting.TryDequeue(out var accept))
            {
                accept.TrySetException(Closed());
            }
        }
        return ValueTask.CompletedTask;
    }

    private NetworkException Closed() => new($"the listener at {Local} is closed");
}
