using Anatomic.Simulation.Scheduling;
using Anatomic.Simulation.Tracing;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Simulation.Networks;

/// <summary>One end of a connection: bytes in order, a window that holds the sender back, and an end or a break.</summary>
internal sealed class SimulatedConnection : IConnection, IBreakable
{
    private const int WindowBytes = 256 * 1024; // what a kernel buffers on both sides before a sender has to wait
    private readonly SimulatedNetwork network;
    private readonly Queue<ReadOnlyMemory<byte>> arrived = new();
    private readonly long id;
    private ReadOnlyMemory<byte> first;
    private SimulatedConnection other = null!;
    private TaskCompletionSource<int>? receiving;
    private Memory<byte> receivingInto;
    private TaskCompletionSource? sending;
    private long unread;
    private long lastArrivalTicks;
    private string? broken;
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

    public static (SimulatedConnection Near, SimulatedConnection Far) Pair(
        SimulatedNetwork here,
        Endpoint from,
        SimulatedNetwork there,
        Endpoint to
    )
    {
        var near = new SimulatedConnection(here, from, to);
        var far = new SimulatedConnection(there, to, from) { other = near };
        near.other = far;
        return (near, far);
    }

    public async ValueTask<int> ReceiveAsync(Memory<byte> into, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        Invariant.Holds(receiving is null);
        if (Take(into) is { } count)
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
        Dispatch(bytes);
        if (unread <= WindowBytes)
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
        network.Internet.Forget(id);
        Fail("this side has closed the connection");
        Deliver(0, other.End);
    }

    public bool Touches(SimulatedHost host) => network.Host == host || other.network.Host == host;

    public bool IsBetween(SimulatedHost left, SimulatedHost right) => Touches(left) && Touches(right) && left != right;

    public void Break(string why, TimeSpan delay)
    {
        network.Internet.Forget(id);
        var ticks = delay.Ticks + network.Internet.Travel(other.network.Host, network.Host);
        network.Process.Scheduler.After(
            ticks,
            network.Process,
            () =>
            {
                network.Process.Scheduler.Add(network.Process, TraceKind.Break, Remote.ToString());
                Fail($"the connection to {Remote} broke: {why}");
            }
        );
    }

    private void Dispatch(byte[] bytes)
    {
        unread += bytes.Length;
        var cut = network.Internet.Split(bytes.Length);
        if (cut > 0)
        {
            DispatchWhole(bytes.AsMemory(0, cut));
        }
        DispatchWhole(bytes.AsMemory(cut));
    }

    private void DispatchWhole(ReadOnlyMemory<byte> bytes)
    {
        var lineTicks = (long)(bytes.Length / network.Internet.Links.BytesPerSecond * TimeSpan.TicksPerSecond);
        Deliver(lineTicks, () => other.Arrive(bytes));
    }

    // In order: nothing arrives before what was sent earlier.
    private void Deliver(long lineTicks, Action arrive)
    {
        var scheduler = network.Process.Scheduler;
        var arrival = scheduler.NowTicks + network.Internet.Travel(network.Host, other.network.Host);
        lastArrivalTicks = Math.Max(arrival, lastArrivalTicks) + lineTicks;
        scheduler.After(
            lastArrivalTicks - scheduler.NowTicks,
            other.network.Process,
            () =>
            {
                // An end that is gone resets nothing here: whoever died has broken the connection already.
                if (other.broken is null && network.Internet.CanReach(other.network.Host, network.Host))
                {
                    arrive();
                }
            }
        );
    }

    private void Arrive(ReadOnlyMemory<byte> bytes)
    {
        network.Process.Scheduler.Add(
            network.Process,
            TraceKind.Bytes,
            Remote.ToString(),
            bytes.Length,
            StableHash.Of(bytes.Span)
        );
        if (bytes.Length > 0)
        {
            arrived.Enqueue(bytes);
        }
        Wake();
    }

    private void End()
    {
        network.Process.Scheduler.Add(network.Process, TraceKind.End, Remote.ToString());
        hasEnded = true;
        Wake();
    }

    private void Wake()
    {
        if (receiving is { } wait && Take(receivingInto) is { } count)
        {
            receiving = null;
            wait.TrySetResult(count);
        }
    }

    /// <summary>What a receive gives now: a count, or null when it has to wait.</summary>
    private int? Take(Memory<byte> into)
    {
        if (broken is not null)
        {
            throw new NetworkException(broken);
        }
        var count = 0;
        while (count < into.Length && (first.Length > 0 || arrived.TryDequeue(out first)))
        {
            var part = Math.Min(first.Length, into.Length - count);
            first[..part].CopyTo(into[count..]);
            first = first[part..];
            count += part;
        }
        if (count > 0)
        {
            network.Reach(other.network.Host, _ => other.Acknowledge(count));
        }
        return count > 0 || into.Length == 0 ? count
            : hasEnded ? 0
            : null;
    }

    private void Acknowledge(int count)
    {
        unread -= count;
        if (unread <= WindowBytes && sending is { } wait)
        {
            sending = null;
            wait.TrySetResult();
        }
    }

    private void ThrowIfUnusable()
    {
        if (broken is not null)
        {
            throw new NetworkException(broken);
        }
        if (other.isClosed && hasEnded)
        {
            throw new NetworkException($"the other side, {Remote}, has closed the connection");
        }
    }

    private void Fail(string why)
    {
        broken ??= why;
        var failure = new NetworkException(broken);
        arrived.Clear();
        first = default;
        var (reader, writer) = (receiving, sending);
        receiving = null;
        sending = null;
        reader?.TrySetException(failure);
        writer?.TrySetException(failure);
    }
}
