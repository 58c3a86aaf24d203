using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Hosting;

/// <summary>The running servers of one host. Disposing it stops them all.</summary>
internal sealed class BoundServers : IAsyncDisposable
{
    // Attempts to find a port that is free over both TCP and UDP.
    private const int PortAttempts = 16;

    private readonly List<IRunningServer> servers = [];
    private readonly List<Endpoint> http = [];

    /// <summary>The addresses that serve HTTP, in the order of the options, with their real ports.</summary>
    public IReadOnlyList<Endpoint> Http => http;

    /// <summary>HTTP connections open now, at all servers.</summary>
    public int Connections => servers.Sum(server => server.Connections);

    /// <summary>Datagrams that the system dropped, at all servers.</summary>
    public long Dropped => servers.Sum(server => server.Dropped);

    /// <summary>Serves HTTP at each address.</summary>
    public async Task AddHttpAsync(
        IWorld world,
        IReadOnlyList<Endpoint> listen,
        StartupGate gate,
        CancellationToken stop
    )
    {
        foreach (var at in listen)
        {
            Add(await ServeAsync(world, at, gate, stop));
        }
    }

    /// <summary>Serves HTTP and UDP at the same port of each address: a node's record has one port for both.</summary>
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
                    Add(server);
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

    /// <summary>Serves HTTP at unix sockets.</summary>
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

    private void Add(IRunningServer server)
    {
        servers.Add(server);
        http.Add(server.Local);
    }
}
