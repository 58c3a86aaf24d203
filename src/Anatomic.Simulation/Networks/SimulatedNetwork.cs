using System.Net;
using Anatomic.Simulation.Scheduling;
using Anatomic.Simulation.Tracing;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Simulation.Networks;

/// <summary>The network as one life of a host sees it.</summary>
internal sealed class SimulatedNetwork(HostLife life, SimulatedHost host, Internet internet) : INetwork
{
    private static readonly TimeSpan DialPatience = TimeSpan.FromSeconds(63); // Linux gives up a SYN after 6 retries
    private static readonly TimeSpan ResolveTime = TimeSpan.FromMilliseconds(10);

    public HostLife Life => life;
    public SimulatedHost Host => host;
    public Internet Internet => internet;
    public Ports Streams { get; } = new(host, "TCP");
    public Ports Datagrams { get; } = new(host, "UDP");

    public async ValueTask<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        if (IPAddress.TryParse(host.Trim('[', ']'), out var written))
        {
            return [written];
        }
        if (host == "localhost")
        {
            return [IPAddress.Loopback];
        }
        var end = new TaskCompletionSource();
        life.Scheduler.After(ResolveTime.Ticks, life, end.SetResult);
        await end.Task;
        var found = internet.Lookup(host);
        return found.Length > 0 ? found : throw new NetworkException($"the name {host} is unknown: check its spelling");
    }

    public async ValueTask<IConnection> DialAsync(Endpoint to, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        var from = Streams.SourceFor(to, Streams.TakeEphemeral());
        life.Scheduler.Add(life, TraceKind.Dial, to.ToString());
        var dial = new TaskCompletionSource<IConnection>();
        var patience = life.Scheduler.After(
            DialPatience.Ticks,
            life,
            () => dial.TrySetException(new NetworkException($"{to} gives no answer"))
        );
        if (internet.HostAt(host, to) is { } target)
        {
            Reach(target, there => Knock(dial, from, to, there));
        }
        await using var stopping = stop.Register(() => dial.TrySetCanceled(stop));
        try
        {
            return await dial.Task;
        }
        finally
        {
            patience.Cancel();
        }
    }

    public IListener Listen(Endpoint at)
    {
        SimulatedListener? made = null;
        Streams.Bind(at, real => made = new SimulatedListener(this, real));
        return made!;
    }

    public IDatagrams Bind(Endpoint at)
    {
        SimulatedDatagrams? made = null;
        Datagrams.Bind(at, real => made = new SimulatedDatagrams(this, real));
        return made!;
    }

    public IServing ServeDatagrams(Endpoint at, IDatagramHandler handler)
    {
        DatagramServing? made = null;
        Datagrams.Bind(at, real => made = new DatagramServing(this, real, handler));
        return made!;
    }

    public ValueTask<IServing> ServeRequestsAsync(RequestServer server, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        if (server.UnixPath is { } path)
        {
            throw new NetworkException($"The unix socket {path} cannot be used: simulated hosts have none");
        }
        RequestServing? made = null;
        Streams.Bind(server.At, real => made = new RequestServing(this, real, server));
        return ValueTask.FromResult<IServing>(made!);
    }

    /// <summary>Runs <paramref name="arrive"/> over there after the way; nothing happens when the way is cut or the host is down.</summary>
    public void Reach(SimulatedHost target, Action<SimulatedNetwork> arrive)
    {
        if (!internet.Reaches(host, target))
        {
            return;
        }
        var there = target.Network;
        life.Scheduler.After(
            internet.Travel(host, target),
            there.Life,
            () =>
            {
                if (!life.IsOver && internet.Reaches(host, target))
                {
                    arrive(there);
                }
            }
        );
    }

    public void SendDatagram(Endpoint from, Endpoint to, ReadOnlyMemory<byte> datagram)
    {
        if (internet.HostAt(host, to) is not { } target)
        {
            return;
        }
        if (internet.LosesDatagram(host, target))
        {
            life.Scheduler.Add(life, TraceKind.DatagramLost, to.ToString(), datagram.Length);
            return;
        }
        var bytes = datagram.ToArray();
        Reach(
            target,
            there =>
            {
                there.Life.Scheduler.Add(
                    there.Life,
                    TraceKind.Datagram,
                    from.ToString(),
                    bytes.Length,
                    Mixing.Of(bytes)
                );
                internet.Watcher?.OnDatagram(target, bytes, from);
                (there.Datagrams.Find(to) as IDatagramTarget)?.Arrive(bytes, from);
            }
        );
    }

    private void Knock(TaskCompletionSource<IConnection> dial, Endpoint from, Endpoint to, SimulatedNetwork there)
    {
        var answer =
            there.Streams.Find(to) is SimulatedListener { HasRoom: true } listener
            && SimulatedConnection.Pair(this, from, there, to) is var (near, far)
                ? (near, far, listener)
                : default;
        if (answer.listener is null)
        {
            there.Life.Scheduler.Add(there.Life, TraceKind.Refuse, from.ToString());
            there.Reach(
                host,
                _ => dial.TrySetException(new NetworkException($"{to} refuses the connection: nothing listens there"))
            );
            return;
        }
        there.Life.Scheduler.Add(there.Life, TraceKind.Accept, from.ToString());
        answer.listener.Arrive(answer.far);
        there.Reach(
            host,
            _ =>
            {
                if (!dial.TrySetResult(answer.near))
                {
                    answer.near.Close();
                }
            }
        );
    }
}

/// <summary>What takes datagrams at a bound address.</summary>
internal interface IDatagramTarget
{
    void Arrive(byte[] datagram, Endpoint from);
}
