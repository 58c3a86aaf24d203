using System.Diagnostics;
using System.Net;
using Anatomic.Comparison.CommandLine;
using Anatomic.Comparison.Load;

namespace Anatomic.Comparison.Servers;

/// <summary>Starts the trackers to compare.</summary>
internal static class TrackerServers
{
    /// <summary>A private network: the node may dial local addresses, and orders need little proof of work.</summary>
    public const string Network = "local-bench";

    public const string Anatomic = "anatomic";
    public const string Planted = "planted";
    public const string Opentracker = "opentracker";
    public const string NamedOpentracker = "opentracker*";

    /// <summary>Starts this node, open to every torrent, and waits until it listens.</summary>
    /// <param name="program">The path of <c>anatomic.dll</c>.</param>
    public static Server StartAnatomic(string program)
    {
        var server = LaunchOpen(program);
        server.ReadLine("listening ");
        return server;
    }

    /// <summary>Starts this node, open to every torrent, without waiting.</summary>
    public static Server LaunchOpen(string program) =>
        LaunchAnatomic(program, Anatomic, Server.CreateFolder(), "--open");

    /// <summary>Starts this node for planted torrents only, without waiting: it may have many orders to load.</summary>
    /// <param name="program">The path of <c>anatomic.dll</c>.</param>
    /// <param name="folder">Its data folder with the orders.</param>
    public static Server LaunchPlanted(string program, string folder) => LaunchAnatomic(program, Planted, folder);

    private static Server LaunchAnatomic(string program, string name, string folder, params string[] flags)
    {
        if (!File.Exists(program))
        {
            throw new ComparisonException($"{program} does not exist: build the solution or pass --node PATH");
        }
        var (port, portV6) = (Server.FreePort(), Server.FreePort());
        string[] arguments =
        [
            program,
            "node",
            .. flags,
            .. $"--net {Network} --allow-private --listen 127.0.0.1:{port} --listen [::1]:{portV6}".Split(' '),
            .. $"--data {folder}".Split(' '),
        ];
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        return new Server(name, start, folder)
        {
            Version = ProgramVersions.OfAssembly(program),
            Udp = new IPEndPoint(IPAddress.Loopback, port),
            UdpV6 = new IPEndPoint(IPAddress.IPv6Loopback, portV6),
            Http = new IPEndPoint(IPAddress.Loopback, port),
            IsTracker = true,
        };
    }

    /// <summary>Starts the installed opentracker and, if given, a second build of it.</summary>
    /// <remarks>Like Debian's build, both serve the torrents of a whitelist, over IPv4 only.</remarks>
    /// <param name="named">The path of the second build; null for none.</param>
    /// <param name="served">The populations whose torrents are on the whitelist.</param>
    public static IEnumerable<Server> StartOpentrackers(string? named, IReadOnlyList<Population> served)
    {
        if (ProgramPaths.Find(Opentracker) is { } program)
        {
            yield return StartOpentracker(Opentracker, program, ProgramVersions.OfPackage(Opentracker), served);
        }
        else
        {
            Console.WriteLine($"{Opentracker} is not installed: skipped");
        }
        if (named is not null)
        {
            yield return StartOpentracker(NamedOpentracker, named, named, served);
        }
    }

    private static Server StartOpentracker(
        string name,
        string program,
        string? version,
        IReadOnlyList<Population> served
    )
    {
        if (!File.Exists(program))
        {
            throw new ComparisonException($"{program} does not exist");
        }
        var folder = Server.CreateFolder();
        var hashes = served.SelectMany(population =>
            Enumerable.Range(0, population.Torrents).Select(population.HashOf)
        );
        File.WriteAllLines(Path.Combine(folder, "whitelist.txt"), hashes.Select(hash => hash.ToString()));
        var port = Server.FreePort();
        var arguments = $"-i 127.0.0.1 -p {port} -P {port} -d {folder} -w whitelist.txt".Split(' ');
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var server = new Server(name, start, folder)
        {
            Version = version,
            Udp = new IPEndPoint(IPAddress.Loopback, port),
            Http = new IPEndPoint(IPAddress.Loopback, port),
            IsTracker = true,
        };
        server.AwaitHttp();
        return server;
    }
}
