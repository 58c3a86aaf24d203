using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Simulation.Networks;

/// <summary>A datagram server: what arrives close together is handled as one batch, as the machine's loops do it.</summary>
internal sealed class SimulatedDatagramServer(SimulatedNetwork network, Endpoint at, IDatagramHandler handler)
    : IRunningServer,
        IDatagramReceiver
{
    private const int MaxBatchLength = 64; // one recvmmsg of the machine
    private static readonly TimeSpan BatchDelay = TimeSpan.FromMicroseconds(200);
    private readonly Queue<(byte[] Bytes, Endpoint From)> arrived = new();
    private bool isClosed;

    public Endpoint Local { get; } = at;

    public long Dropped { get; private set; }

    public void Arrive(byte[] datagram, Endpoint from)
    {
        if (!DatagramPattern.MatchesAny(handler.Patterns, datagram))
        {
            Dropped++;
            return;
        }
        arrived.Enqueue((datagram, from));
        if (arrived.Count == 1)
        {
            network.Process.Scheduler.After(BatchDelay.Ticks, network.Process, HandleAll);
        }
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
        while (!isClosed && arrived.Count > 0)
        {
            var bytes = new List<byte>();
            var slices = new List<DatagramSlice>();
            while (slices.Count < MaxBatchLength && arrived.TryDequeue(out var next))
            {
                slices.Add(new DatagramSlice(bytes.Count, next.Bytes.Length, next.From));
                bytes.AddRange(next.Bytes);
            }
            handler.Handle(new DatagramBatch(bytes.ToArray(), slices.ToArray()), new Replies(network, Local));
        }
    }

    private sealed class Replies(SimulatedNetwork network, Endpoint local) : ReplyBatch
    {
        private readonly byte[] room = new byte[MaxReplyBytes];

        public override Span<byte> Next() => room;

        public override void Commit(int length, in Endpoint to)
        {
            var from = PortTable.IsAny(local) ? network.Datagrams.SourceAddressFor(to, local.Port) : local;
            network.SendDatagram(from, to, room.AsMemory(0, length));
        }
    }
}
