using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Simulation.Networks;

/// <summary>
/// A UDP port. Datagrams that arrive close together are handled as one batch on its loop, as on the machine.
/// </summary>
internal sealed class SimulatedDatagramPort(
    SimulatedNetwork network,
    Endpoint local,
    ILoop loop,
    IDatagramPortHandler handler
) : IDatagramPort, IDatagramReceiver
{
    private const int QueueLength = 256; // about a kernel's default buffer of 208 KiB
    private const int MaxBatchLength = 32; // one batch of the machine
    private static readonly TimeSpan BatchDelay = TimeSpan.FromMicroseconds(200);
    private readonly Queue<(byte[] Bytes, Endpoint From)> received = new();
    private readonly List<(byte[] Bytes, Endpoint To)> queued = [];
    private bool isClosed;

    public Endpoint Local { get; } = local;

    public string? Receive(byte[] datagram, Endpoint from)
    {
        if (received.Count == QueueLength)
        {
            return DatagramDelivery.QueueFull;
        }
        received.Enqueue((datagram, from));
        if (received.Count == 1)
        {
            network.Process.Scheduler.Schedule(BatchDelay.Ticks, network.Process, () => loop.Post(HandleAll));
        }
        return null;
    }

    public void Send(in Endpoint to, ReadOnlySpan<byte> datagram)
    {
        if (to.IsV4 == Local.IsV4)
        {
            queued.Add((datagram.ToArray(), to));
        }
    }

    public void Flush()
    {
        foreach (var (bytes, to) in queued)
        {
            if (!isClosed && FindSource(to) is { } from)
            {
                DatagramDelivery.Send(network, from, to, bytes);
            }
        }
        queued.Clear();
    }

    public ValueTask DisposeAsync()
    {
        if (!isClosed)
        {
            isClosed = true;
            network.Datagrams.Free(Local);
        }
        return ValueTask.CompletedTask;
    }

    /// <summary>Null when the host has no address of the receiver's family.</summary>
    private Endpoint? FindSource(in Endpoint to)
    {
        try
        {
            return PortTable.IsAny(Local) ? network.Datagrams.SourceAddressFor(to, Local.Port) : Local;
        }
        catch (NetworkException)
        {
            return null;
        }
    }

    private void HandleAll()
    {
        while (!isClosed && received.Count > 0)
        {
            var bytes = new List<byte>();
            var slices = new List<DatagramSlice>();
            while (slices.Count < MaxBatchLength && received.TryDequeue(out var next))
            {
                var length = Math.Min(next.Bytes.Length, IDatagramPortHandler.MaxDatagramBytes);
                slices.Add(new DatagramSlice(bytes.Count, length, next.From));
                bytes.AddRange(next.Bytes.AsSpan(0, length));
            }
            handler.Handle(new DatagramBatch(bytes.ToArray(), slices.ToArray()));
        }
    }
}
