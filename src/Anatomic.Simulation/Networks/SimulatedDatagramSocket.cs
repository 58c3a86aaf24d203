using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Simulation.Networks;

/// <summary>A client's UDP socket.</summary>
internal sealed class SimulatedDatagramSocket(SimulatedNetwork network, Endpoint local)
    : IDatagramSocket,
        IDatagramReceiver
{
    private const int QueueLength = 256; // about a kernel's default buffer of 208 KiB
    private readonly Queue<(byte[] Bytes, Endpoint From)> received = new();
    private TaskCompletionSource? receiving;
    private bool isClosed;

    public Endpoint Local { get; } = local;

    public string? Receive(byte[] datagram, Endpoint from)
    {
        if (received.Count == QueueLength)
        {
            return DatagramDelivery.QueueFull;
        }
        received.Enqueue((datagram, from));
        var wait = receiving;
        receiving = null;
        wait?.TrySetResult();
        return null;
    }

    public ValueTask SendAsync(Endpoint to, ReadOnlyMemory<byte> datagram, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        ThrowIfClosed();
        var from = PortTable.IsAny(Local) ? network.Datagrams.SourceAddressFor(to, Local.Port) : Local;
        DatagramDelivery.Send(network, from, to, datagram);
        return ValueTask.CompletedTask;
    }

    public async ValueTask<(int Length, Endpoint From)> ReceiveAsync(Memory<byte> into, CancellationToken stop)
    {
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            ThrowIfClosed();
            if (received.TryDequeue(out var first))
            {
                var length = Math.Min(into.Length, first.Bytes.Length);
                first.Bytes.AsSpan(0, length).CopyTo(into.Span);
                return (length, first.From);
            }
            Invariant.Holds(receiving is null);
            var wait = new TaskCompletionSource();
            receiving = wait;
            await using var stopping = stop.Register(() =>
            {
                receiving = null;
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
            receiving?.TrySetException(Closed());
            receiving = null;
        }
        return ValueTask.CompletedTask;
    }

    private NetworkException Closed() => new($"the UDP socket at {Local} is closed");

    private void ThrowIfClosed()
    {
        if (isClosed)
        {
            throw Closed();
        }
    }
}
