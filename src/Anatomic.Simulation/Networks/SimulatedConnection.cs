using Anatomic.Simulation.Tracing;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Simulation.Networks;

/// <summary>
/// One end of a TCP connection: bytes arrive in order, a full window holds the sender back, and the connection closes
/// or breaks. It loses no bytes, but lost packets and narrow lines delay them; partitions and crashes break it.
/// </summary>
internal sealed class SimulatedConnection : IConnection, IBreakable
{
    private const int MaxWindowBytes = 256 * 1024; // what both kernels buffer before a sender must wait
    private const int SegmentBytes = 16 * 1024; // on narrow lines, so that connections take turns
    private readonly SimulatedNetwork network;
    private readonly Queue<ReadOnlyMemory<byte>> received = new();
    private readonly long id;
    private ReadOnlyMemory<byte> first;
    private SimulatedConnection peer = null!;
    private TaskCompletionSource<int>? receiving;
    private Memory<byte> receivingInto;
    private TaskCompletionSource? sending;
    private long unacknowledged;

    // Bytes that were sent and that the peer has not read.
    private long unread;
    private long lastArrivalTicks;
    private string? failure;
    private bool hasEnded;
    private bool isClosed;

    private SimulatedConnection(SimulatedNetwork network, Endpoint local, Endpoint remote)
    {
        this.network = network;
        Local = local;
        Remote = remote;
        id = network.Internet.Track(this);
    }

    public Endpoint Local { get; }

    public Endpoint Remote { get; }

    public static (SimulatedConnection Near, SimulatedConnection Far) CreatePair(
        SimulatedNetwork here,
        Endpoint from,
        SimulatedNetwork there,
        Endpoint to
    )
    {
        var near = new SimulatedConnection(here, from, to);
        var far = new SimulatedConnection(there, to, from) { peer = near };
        near.peer = far;
        return (near, far);
    }

    public async ValueTask<int> ReceiveAsync(Memory<byte> into, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        Invariant.Holds(receiving is null);
        if (ReadBuffered(into) is { } count)
        {
            return count;
        }
        var wait = new TaskCompletionSource<int>();
        receiving = wait;
        receivingInto = into;
        await using var stopping = stop.Register(() =>
        {
            receiving = null;
            wait.TrySetCanceled(stop);
        });
        return await wait.Task;
    }

    public ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken stop) => SendAsync([bytes], stop);

    public async ValueTask SendAsync(IReadOnlyList<ReadOnlyMemory<byte>> parts, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        Invariant.Holds(sending is null);
        ThrowIfUnusable();
        var bytes = new byte[parts.Sum(part => part.Length)];
        var at = 0;
        foreach (var part in parts)
        {
            part.CopyTo(bytes.AsMemory(at));
            at += part.Length;
        }
        if (AccessLine.NarrowestOf(Line, peer.Line) is null)
        {
            SendBytes(bytes);
            await WaitForWindowAsync(stop);
            return;
        }
        for (var sent = 0; sent < bytes.Length; sent += SegmentBytes)
        {
            SendBytes(bytes.AsMemory(sent, Math.Min(SegmentBytes, bytes.Length - sent)));
            await WaitForWindowAsync(stop);
        }
    }

    private AccessLine Line => network.Host.Line;

    private int WindowBytes => AccessLine.WindowBytes(Line, peer.Line, MaxWindowBytes);

    private async ValueTask WaitForWindowAsync(CancellationToken stop)
    {
        if (unacknowledged <= WindowBytes)
        {
            return;
        }
        var wait = new TaskCompletionSource();
        sending = wait;
        await using var stopping = stop.Register(() =>
        {
            sending = null;
            wait.TrySetCanceled(stop);
        });
        await wait.Task;
    }

    public ValueTask DisposeAsync()
    {
        Close();
        return ValueTask.CompletedTask;
    }

    public void Close()
    {
        if (isClosed)
        {
            return;
        }
        isClosed = true;
        network.Internet.Untrack(id);
        Fail("this side closed the connection");
        Deliver(0, 0, peer.OnEnd);
    }

    public bool Involves(INetworkHost host) => network.Host == host || peer.network.Host == host;

    public bool IsBetween(INetworkHost left, INetworkHost right) => Involves(left) && Involves(right) && left != right;

    public void Break(string reason, TimeSpan delay)
    {
        network.Internet.Untrack(id);
        var ticks = delay.Ticks + network.Internet.DrawDelay(peer.network.Host, network.Host);
        network.Process.Scheduler.Schedule(
            ticks,
            network.Process,
            () =>
            {
                network.Process.Scheduler.Record(network.Process, TraceKind.ConnectionReset, Remote.ToString());
                Fail($"the connection to {Remote} broke: {reason}");
            }
        );
    }

    private void SendBytes(ReadOnlyMemory<byte> bytes)
    {
        unacknowledged += bytes.Length;
        unread += bytes.Length;
        var split = network.Internet.DrawSplit(bytes.Length);
        if (split > 0)
        {
            SendSegment(bytes[..split]);
        }
        SendSegment(bytes[split..]);
    }

    private void SendSegment(ReadOnlyMemory<byte> bytes)
    {
        var transmitTicks = (long)(bytes.Length / network.Internet.Links.BytesPerSecond * TimeSpan.TicksPerSecond);
        Deliver(bytes.Length, transmitTicks, () => peer.OnBytes(bytes));
    }

    // Nothing arrives before what was sent earlier.
    private void Deliver(int length, long transmitTicks, Action deliver)
    {
        var scheduler = network.Process.Scheduler;
        var (internet, here, there) = (network.Internet, network.Host, peer.network.Host);
        var isLocal = here == there;
        var sent = isLocal ? scheduler.NowTicks : Line.Send(scheduler.NowTicks, length);
        var arrival = sent + internet.DrawDelay(here, there) + internet.DrawRetransmission(here, there, length);
        lastArrivalTicks = Math.Max(arrival, lastArrivalTicks) + transmitTicks;
        scheduler.Schedule(
            lastArrivalTicks - scheduler.NowTicks,
            peer.network.Process,
            () =>
            {
                var arrived = isLocal ? scheduler.NowTicks : peer.Line.Receive(scheduler.NowTicks, length);
                if (arrived > scheduler.NowTicks)
                {
                    scheduler.Schedule(arrived - scheduler.NowTicks, peer.network.Process, Arrive);
                }
                else
                {
                    Arrive();
                }
            }
        );

        void Arrive()
        {
            // A dead peer sends no reset here: its crash has broken the connection already.
            if (peer.failure is null && internet.CanReach(there, here))
            {
                deliver();
            }
        }
    }

    private void OnBytes(ReadOnlyMemory<byte> bytes)
    {
        network.Process.Scheduler.Record(
            network.Process,
            TraceKind.BytesReceived,
            Remote.ToString(),
            bytes.Length,
            StableHash.Of(bytes.Span)
        );
        if (bytes.Length > 0)
        {
            received.Enqueue(bytes);
        }
        CompleteReceive();
    }

    private void OnEnd()
    {
        network.Process.Scheduler.Record(network.Process, TraceKind.StreamEnded, Remote.ToString());
        hasEnded = true;
        CompleteReceive();
        var writer = sending;
        sending = null;
        if (unread == 0)
        {
            // The peer has read everything; only its acknowledgement is still under way.
            writer?.TrySetResult();
            return;
        }
        // What is still sent meets a closed socket, and the answer is a reset.
        writer?.TrySetException(new NetworkException($"{Remote} closed the connection"));
    }

    private void CompleteReceive()
    {
        if (receiving is { } wait && ReadBuffered(receivingInto) is { } count)
        {
            receiving = null;
            wait.TrySetResult(count);
        }
    }

    /// <summary>
    /// Reads what is buffered: a count, 0 at the end of the stream, or null when a receive must wait.
    /// </summary>
    private int? ReadBuffered(Memory<byte> into)
    {
        if (failure is not null)
        {
            throw new NetworkException(failure);
        }
        var count = 0;
        while (count < into.Length && (first.Length > 0 || received.TryDequeue(out first)))
        {
            var part = Math.Min(first.Length, into.Length - count);
            first[..part].CopyTo(into[count..]);
            first = first[part..];
            count += part;
        }
        if (count > 0)
        {
            peer.unread -= count;
            network.SendTo(peer.network.Host, _ => peer.Acknowledge(count));
        }
        return count > 0 || into.Length == 0 ? count
            : hasEnded ? 0
            : null;
    }

    private void Acknowledge(int count)
    {
        unacknowledged -= count;
        if (unacknowledged <= WindowBytes && sending is { } wait)
        {
            sending = null;
            wait.TrySetResult();
        }
    }

    private void ThrowIfUnusable()
    {
        if (failure is not null)
        {
            throw new NetworkException(failure);
        }
        if (peer.isClosed && hasEnded)
        {
            throw new NetworkException($"{Remote} closed the connection");
        }
    }

    private void Fail(string reason)
    {
        failure ??= reason;
        var exception = new NetworkException(failure);
        received.Clear();
        first = default;
        var (reader, writer) = (receiving, sending);
        receiving = null;
        sending = null;
        reader?.TrySetException(exception);
        writer?.TrySetException(exception);
    }
}
