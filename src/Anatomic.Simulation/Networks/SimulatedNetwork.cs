using System.Net;
using Anatomic.Simulation.Scheduling;
using Anatomic.Simulation.Tracing;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Simulation.Networks;

/// <summary>The network stack of one host process.</summary>
internal sealed class SimulatedNetwork(HostProcess process, INetworkHost host, Internet internet) : INetwork
{
    private static readonly TimeSpan DialTimeout = TimeSpan.FromSeconds(63); // Linux gives up a SYN after 6 retries
    private static readonly TimeSpan ResolveTime = TimeSpan.FromMilliseconds(10);

    public HostProcess Process => process;
    public INetworkHost Host => host;
    public Internet Internet => internet;

    /// <summary>TCP listeners and HTTP servers.</summary>
    public PortTable Streams { get; } = new(host, "TCP");

    /// <summary>UDP sockets and servers.</summary>
    public PortTable Datagrams { get; } = new(host, "UDP");

    public async ValueTask<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        if (IPAddress.TryParse(host.Trim('[', ']'), out var literal))
        {
            return [literal];
        }
        if (host == "localhost")
        {
            return [IPAddress.Loopback];
        }
        var answered = new TaskCompletionSource();
        process.Scheduler.Schedule(ResolveTime.Ticks, process, answered.SetResult);
        await answered.Task;
        var found = internet.Resolve(host);
        return found.Length > 0 ? found : throw new NetworkException($"the name {host} is unknown: check its spelling");
    }

    public async ValueTask<IConnection> DialAsync(Endpoint to, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        var from = Streams.SourceAddressFor(to, Streams.AllocateEphemeralPort());
        process.Scheduler.Record(process, TraceKind.Connecting, to.ToString());
        var dial = new TaskCompletionSource<IConnection>();
        var timeout = process.Scheduler.Schedule(
            DialTimeout.Ticks,
            process,
            () => dial.TrySetException(new NetworkException($"{to} gives no answer"))
        );
        if (internet.HostAt(host, to) is { } target)
        {
            SendTo(target, there => AnswerDial(dial, from, to, there));
        }
        await using var stopping = stop.Register(() => dial.TrySetCanceled(stop));
        try
        {
            return await dial.Task;
        }
        finally
        {
            timeout.Cancel();
        }
    }

    public IListener Listen(Endpoint at)
    {
        SimulatedListener? listener = null;
        Streams.Bind(at, local => listener = new SimulatedListener(this, local));
        return listener!;
    }

    public IDatagramPort OpenDatagramPort(Endpoint at, ILoop loop, IDatagramPortHandler handler)
    {
        SimulatedDatagramPort? port = null;
        Datagrams.Bind(at, local => port = new SimulatedDatagramPort(this, local, loop, handler));
        return port!;
    }

    public IRunningServer ServeDatagrams(Endpoint at, IDatagramHandler handler)
    {
        SimulatedDatagramServer? server = null;
        Datagrams.Bind(at, local => server = new SimulatedDatagramServer(this, local, handler));
        return server!;
    }

    public ValueTask<IRunningServer> ServeHttpAsync(HttpServerOptions server, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        if (server.UnixPath is { } path)
        {
            throw new NetworkException($"The unix socket {path} cannot be used: simulated hosts have none");
        }
        SimulatedHttpServer? running = null;
        Streams.Bind(server.At, local => running = new SimulatedHttpServer(this, local, server));
        return ValueTask.FromResult<IRunningServer>(running!);
    }

    /// <summary>
    /// Runs <paramref name="arrive"/> on the target after the one-way delay. A partition or a crash of either host
    /// loses the message; if that happens on the way and the target is up, <paramref name="drop"/> runs instead.
    /// </summary>
    public void SendTo(INetworkHost target, Action<SimulatedNetwork> arrive, Action<SimulatedNetwork>? drop = null)
    {
        if (!internet.CanReach(host, target))
        {
            return;
        }
        var there = target.Network;
        process.Scheduler.Schedule(
            internet.DrawDelay(host, target),
            there.Process,
            () =>
            {
                if (!process.HasCrashed && internet.CanReach(host, target))
                {
                    arrive(there);
                }
                else
                {
                    drop?.Invoke(there);
                }
            }
        );
    }

    private void AnswerDial(TaskCompletionSource<IConnection> dial, Endpoint from, Endpoint to, SimulatedNetwork there)
    {
        if (there.Host.Line.IsBehindNat && there.Host != host)
        {
            return; // the router drops it, and the dial times out
        }
        if (there.Streams.Find(to) is not SimulatedListener { HasRoom: true } listener)
        {
            there.Process.Scheduler.Record(there.Process, TraceKind.ConnectionRefused, from.ToString());
            there.SendTo(
                host,
                _ => dial.TrySetException(new NetworkException($"{to} refuses the connection: nothing listens there"))
            );
            return;
        }
        var (near, far) = SimulatedConnection.CreatePair(this, from, there, to);
        there.Process.Scheduler.Record(there.Process, TraceKind.ConnectionAccepted, from.ToString());
        listener.Enqueue(far);
        there.SendTo(
            host,
            _ =>
            {
                if (!dial.TrySetResult(near))
                {
                    near.Close();
                }
            }
        );
    }
}
