using System.Diagnostics;
using System.Net;
using Anatomic.Comparison.CommandLine;
using Anatomic.Comparison.Load;

namespace Anatomic.Comparison.Servers;

/// <summary>Starts the trackers that are compared.</summary>
internal static class Trackers
{
    /// <summary>A private network: every address of this machine may be dialled, and the floor of work is low.</summary>
    public const string Network = "local-bench";

    public const string Anatomic = "anatomic";
    public const string Planted = "planted";
    public const string Opentracker = "opentracker";
    public const string NamedOpentracker = "opentracker*";

    /// <summary>This node, open to every torrent.</summary>
    /// <param name="program">The path of <c>anatomic.dll</c>.</param>
    public static Server StartAnatomic(string program)
    {
        var server = MakeOpen(program);
        server.ReadLine("listening ");
        return server;
    }

    /// <summary>The same, but it is not ready yet.</summary>
    public static Server MakeOpen(string program) => MakeAnatomic(program, Anatomic, Server.MakeFolder(), "--open");

    /// <summary>This node, which serves what is planted on it alone. It is not ready yet: it may have much to read.</summary>
    /// <param name="program">The path of <c>anatomic.dll</c>.</param>
    /// <param name="folder">Its orders, and all else that it keeps.</param>
    public static Server MakePlanted(string program, string folder) => MakeAnatomic(program, Planted, folder);

    private static Server MakeAnatomic(string program, string name, string folder, params string[] flags)
    {
        if (!File.Exists(program))
        {
            throw new PeersException($"{program} is not there: build the solution, or name it with --node");
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
            Udp = new IPEndPoint(IPAddress.Loopback, port),
            UdpV6 = new IPEndPoint(IPAddress.IPv6Loopback, portV6),
            Http = new IPEndPoint(IPAddress.Loopback, port),
            IsTracker = true,
        };
    }

    /// <summary>
    /// Every opentracker that takes part: the system's, and one more that was named. Like Debian's, they have a list of the torrents
    /// that they may serve; a newer one may also keep connections, and speak IPv6, which is not asked of it.
    /// </summary>
    /// <param name="named">The path of a build of opentracker; null: there is none but the system's.</param>
    /// <param name="served">What the list holds.</param>
    public static IEnumerable<Server> StartOpentrackers(string? named, IReadOnlyList<Population> served)
    {
        if (Programs.Find(Opentracker) is { } program)
        {
            yield return StartOpentracker(Opentracker, program, served);
        }
        else
        {
            Console.WriteLine($"{Opentracker} is not installed: it takes no part");
        }
        if (named is not null)
        {
            yield return StartOpentracker(NamedOpentracker, named, served);
        }
    }

    private static Server StartOpentracker(string name, string program, IReadOnlyList<Population> served)
    {
        if (!File.Exists(program))
        {
            throw new PeersException($"{program} is not there");
        }
        var folder = Server.MakeFolder();
        var hashes = served.SelectMany(all => Enumerable.Range(0, all.Torrents).Select(all.HashOf));
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
            Udp = new IPEndPoint(IPAddress.Loopback, port),
            Http = new IPEndPoint(IPAddress.Loopback, port),
            IsTracker = true,
        };
        server.AwaitHttp();
        return server;
    }
}
