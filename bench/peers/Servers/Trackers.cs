using System.Diagnostics;
using System.Net;
using Anatomic.Peers.Load;

namespace Anatomic.Peers.Servers;

/// <summary>Starts the trackers that are compared.</summary>
internal static class Trackers
{
    public const string Anatomic = "anatomic";
    public const string Opentracker = "opentracker";

    /// <summary>This node, open to every torrent.</summary>
    /// <param name="program">The path of <c>anatomic.dll</c>.</param>
    public static Server StartAnatomic(string program)
    {
        if (!File.Exists(program))
        {
            throw new PeersException($"{program} is not there: build the solution, or name it with --node");
        }
        var folder = Server.MakeFolder();
        var (port, portV6) = (Server.FreePort(), Server.FreePort());
        string[] arguments =
        [
            program,
            .. "node --open --net local-bench --allow-private".Split(' '),
            .. $"--listen 127.0.0.1:{port} --listen [::1]:{portV6} --data {folder}".Split(' '),
        ];
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        var server = new Server(Anatomic, start, folder)
        {
            Udp = new IPEndPoint(IPAddress.Loopback, port),
            UdpV6 = new IPEndPoint(IPAddress.IPv6Loopback, portV6),
            Http = new IPEndPoint(IPAddress.Loopback, port),
            IsTracker = true,
        };
        server.ReadLine("listening ");
        return server;
    }

    /// <summary>
    /// Debian's opentracker; null: it is not installed. It is built for a list of the torrents that it may serve, and for IPv4.
    /// </summary>
    public static Server? StartOpentracker(IEnumerable<Population> served)
    {
        if (Programs.Find("opentracker") is not { } program)
        {
            return null;
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
        var server = new Server(Opentracker, start, folder)
        {
            Udp = new IPEndPoint(IPAddress.Loopback, port),
            Http = new IPEndPoint(IPAddress.Loopback, port),
            IsTracker = true,
        };
        server.AwaitHttp();
        return server;
    }
}
