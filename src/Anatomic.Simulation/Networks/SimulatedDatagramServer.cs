using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Simulation.Networks;

/// <summary>
/// A UDP server. Datagrams that arrive close together are handled as one batch, as the machine's loops do it.
/// </summary>
internal sealed class SimulatedDatagramServer(SimulatedNetwork network, Endpoint local, IDatagramHandler handler)
    : IRunningServer,
        IDatagramReceiver
{
    private const int MaxBatchLength = 64; // one recvmmsg of the machine
    private static readonly TimeSpan BatchDelay = TimeSpan.FromMicroseconds(200);
    private readonly Queue<(byte[] Bytes, Endpoint From)> received = new();
    private bool isClosed;

    public Endpoint Local { get; } = local;

    public long Dropped { get; private set; }

    public string? Receive(byte[] datagram, Endpoint from)
    {
        if (!DatagramPattern.MatchesAny(handler.Patterns, datagram))
        {
            Dropped++;
            return DatagramDelivery.Filtered;
        }
        received.Enqueue((datagram, from));
        if (received.Count == 1)
        {
            network.Process.Scheduler.Schedule(BatchDelay.Ticks, network.Process, HandleAll);
        }
        return null;
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

    private void HandleAll()
    {
        while (!isClosed && received.Count > 0)
        {
            var bytes = new List<byte>();
            var slices = new List<DatagramSlice>();
            while (slices.Count < MaxBatchLength && received.TryDequeue(out var next))
            {
                slices.Add(new DatagramSlice(bytes.Count, next.Bytes.Length, next.From));
                bytes.AddRange(next.Bytes);
            }
            handler.Handle(new DatagramBatch(bytes.ToArray(), slices.ToArray()), new Replies(network, Local));
        }
    }

    private sealed class Replies(SimulatedNetwork network, Endpoint local) : ReplyBatch
    {
        private readonly byte[] buffer = new byte[MaxReplyBytes];

        public override Span<byte> Next() => buffer;

        public override void Commit(int length, in Endpoint to)
        {
            var from = PortTable.IsAny(local) ? network.Datagrams.SourceAddressFor(to, local.Port) : local;
            DatagramDelivery.Send(network, from, to, buffer.AsMemory(0, length));
        }
    }
}
