using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Hosting;

/// <summary>The servers of one host; disposing it stops them all.</summary>
internal sealed class BoundServers : IAsyncDisposable
{
    /// <summary>A free TCP port may be taken over UDP: so often another one is tried.</summary>
    private const int PortAttempts = 16;

    private readonly List<IRunningServer> servers = [];
    private readonly List<Endpoint> http = [];

    /// <summary>Where HTTP is answered, in the order asked for.</summary>
    public IReadOnlyList<Endpoint> Http => http;

    /// <summary>Open now, at all of them.</summary>
    public int Connections => servers.Sum(server => server.Connections);

    /// <summary>Datagrams that the system has dropped, at all of them.</summary>
    public long Dropped => servers.Sum(server => server.Dropped);

    /// <summary>HTTP alone, at each of the addresses.</summary>
    public async Task AddHttpAsync(
        IWorld world,
        IReadOnlyList<Endpoint> listen,
        StartupGate gate,
        CancellationToken stop
    )
    {
        foreach (var at in listen)
        {
            Take(await ServeAsync(world, at, gate, stop));
        }
    }

    /// <summary>HTTP and datagrams at the same port of each address: a node's record has one port for both.</summary>
    public async Task AddBothAsync(
        IWorld world,
        IReadOnlyList<Endpoint> listen,
        StartupGate gate,
        IDatagramHandler datagrams,
        CancellationToken stop
    )
    {
        foreach (var at in listen)
        {
            for (var attempt = 1; ; attempt++)
            {
                var server = await ServeAsync(world, at, gate, stop);
                try
                {
                    servers.Add(world.Network.ServeDatagrams(server.Local, datagrams));
                    Take(server);
                    break;
                }
                catch (NetworkException fault)
                {
                    await server.DisposeAsync();
                    if (at.Port != 0 || attempt == PortAttempts)
                    {
                        throw new HostException(HostFault.Listen, fault.Message, fault);
                    }
                }
            }
        }
    }

    /// <summary>HTTP alone, at unix sockets.</summary>
    public async Task AddUnixAsync(IWorld world, IReadOnlyList<string> paths, StartupGate gate, CancellationToken stop)
    {
        foreach (var path in paths)
        {
            servers.Add(await ServeAsync(world, default, gate, stop, path));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in servers)
        {
            await server.DisposeAsync();
        }
        servers.Clear();
    }

    private static async Task<IRunningServer> ServeAsync(
        IWorld world,
        Endpoint at,
        StartupGate gate,
        CancellationToken stop,
        string? unixPath = null
    )
    {
        var server = new HttpServerOptions
        {
            At = at,
            UnixPath = unixPath,
            Front = gate,
            Handler = gate,
        };
        try
        {
            return await world.Network.ServeHttpAsync(server, stop);
        }
        catch (NetworkException fault)
        {
            throw new HostException(HostFault.Listen, fault.Message, fault);
        }
    }

    private void Take(IRunningServer server)
    {
        servers.Add(server);
        http.Add(server.Local);
    }
}
