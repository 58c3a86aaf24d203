using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Simulation.Networks;

/// <summary>A client's datagram socket.</summary>
internal sealed class SimulatedDatagramSocket(SimulatedNetwork network, Endpoint at)
    : IDatagramSocket,
        IDatagramReceiver
{
    private const int QueueLength = 256; // about a kernel's default buffer of 208 KiB
    private readonly Queue<(byte[] Bytes, Endpoint From)> arrived = new();
    private TaskCompletionSource? waiting;
    private bool isClosed;

    public Endpoint Local { get; } = at;

    public void Arrive(byte[] datagram, Endpoint from)
    {
        if (arrived.Count < QueueLength)
        {
            arrived.Enqueue((datagram, from));
        }
        var wait = waiting;
        waiting = null;
        wait?.TrySetResult();
    }

    public ValueTask SendAsync(Endpoint to, ReadOnlyMemory<byte> datagram, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        ThrowIfClosed();
        var from = PortTable.IsAny(Local) ? network.Datagrams.SourceAddressFor(to, Local.Port) : Local;
        network.SendDatagram(from, to, datagram);
        return ValueTask.CompletedTask;
    }

    public async ValueTask<(int Length, Endpoint From)> ReceiveAsync(Memory<byte> into, CancellationToken stop)
    {
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            ThrowIfClosed();
            if (arrived.TryDequeue(out var first))
            {
                var length = Math.Min(into.Length, first.Bytes.Length);
                first.Bytes.AsSpan(0, length).CopyTo(into.Span);
                return (length, first.From);
            }
            Invariant.Holds(waiting is null);
            var wait = new TaskCompletionSource();
            waiting = wait;
            await using var stopping = stop.Register(() =>
            {
                waiting = null;
                wait.TrySetCanceled(stop);
            });
            await wait.Task;
        }
    }

    public ValueTask DisposeAsync()
    {
        if (!isClosed)
        {
            isClosed = true;
            network.Datagrams.Free(Local);
            waiting?.TrySetException(new NetworkException($"{Local} is closed"));
            waiting = null;
        }
        return ValueTask.CompletedTask;
    }

    private void ThrowIfClosed()
    {
        if (isClosed)
        {
            throw new NetworkException($"{Local} is closed");
        }
    }
}
