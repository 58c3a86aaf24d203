using System.Net;
using Anatomic.Simulation.Scheduling;
using Anatomic.Simulation.Tracing;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Simulation.Networks;

/// <summary>The network as one life of a host sees it.</summary>
internal sealed class SimulatedNetwork(HostProcess process, SimulatedHost host, Internet internet) : INetwork
{
    private static readonly TimeSpan DialTimeout = TimeSpan.FromSeconds(63); // Linux gives up a SYN after 6 retries
    private static readonly TimeSpan ResolveTime = TimeSpan.FromMilliseconds(10);

    public HostProcess Process => process;
    public SimulatedHost Host => host;
    public Internet Internet => internet;
    public PortTable Streams { get; } = new(host, "TCP");
    public PortTable Datagrams { get; } = new(host, "UDP");

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
        process.Scheduler.After(ResolveTime.Ticks, process, end.SetResult);
        await end.Task;
        var found = internet.Lookup(host);
        return found.Length > 0 ? found : throw new NetworkException($"the name {host} is unknown: check its spelling");
    }

    public async ValueTask<IConnection> DialAsync(Endpoint to, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        var from = Streams.SourceAddressFor(to, Streams.AllocateEphemeralPort());
        process.Scheduler.Add(process, TraceKind.Dial, to.ToString());
        var dial = new TaskCompletionSource<IConnection>();
        var patience = process.Scheduler.After(
            DialTimeout.Ticks,
            process,
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

    public IDatagramSocket Bind(Endpoint at)
    {
        SimulatedDatagramSocket? made = null;
        Datagrams.Bind(at, real => made = new SimulatedDatagramSocket(this, real));
        return made!;
    }

    public IRunningServer ServeDatagrams(Endpoint at, IDatagramHandler handler)
    {
        SimulatedDatagramServer? made = null;
        Datagrams.Bind(at, real => made = new SimulatedDatagramServer(this, real, handler));
        return made!;
    }

    public ValueTask<IRunningServer> ServeHttpAsync(HttpServerOptions server, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        if (server.UnixPath is { } path)
        {
            throw new NetworkException($"The unix socket {path} cannot be used: simulated hosts have none");
        }
        SimulatedHttpServer? made = null;
        Streams.Bind(server.At, real => made = new SimulatedHttpServer(this, real, server));
        return ValueTask.FromResult<IRunningServer>(made!);
    }

    /// <summary>Runs <paramref name="arrive"/> over there after the way; nothing happens when the way is cut or the host is down.</summary>
    public void Reach(SimulatedHost target, Action<SimulatedNetwork> arrive)
    {
        if (!internet.CanReach(host, target))
        {
            return;
        }
        var there = target.Network;
        process.Scheduler.After(
            internet.Travel(host, target),
            there.Process,
            () =>
            {
                if (!process.HasCrashed && internet.CanReach(host, target))
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
        if (internet.DropsDatagram(host, target))
        {
            process.Scheduler.Add(process, TraceKind.DatagramLost, to.ToString(), datagram.Length);
            return;
        }
        var bytes = datagram.ToArray();
        Reach(
            target,
            there =>
            {
                there.Process.Scheduler.Add(
                    there.Process,
                    TraceKind.Datagram,
                    from.ToString(),
                    bytes.Length,
                    StableHash.Of(bytes)
                );
                internet.Watcher?.OnDatagram(target, bytes, from);
                (there.Datagrams.Find(to) as IDatagramReceiver)?.Arrive(bytes, from);
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
            there.Process.Scheduler.Add(there.Process, TraceKind.Refuse, from.ToString());
            there.Reach(
                host,
                _ => dial.TrySetException(new NetworkException($"{to} refuses the connection: nothing listens there"))
            );
            return;
        }
        there.Process.Scheduler.Add(there.Process, TraceKind.Accept, from.ToString());
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
internal interface IDatagramReceiver
{
    void Arrive(byte[] datagram, Endpoint from);
}
