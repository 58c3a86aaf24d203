using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Anatomic.Comparison.CommandLine;
using Anatomic.Comparison.Linux;

namespace Anatomic.Comparison.Servers;

/// <summary>A running server on the servers' core. Disposing it ends it, by its own id, and removes its folder if it is to.</summary>
internal sealed class Server : IDisposable
{
    private static readonly TimeSpan PoliteBegin = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan PoliteEnd = TimeSpan.FromSeconds(10);
    private readonly Process process;
    private readonly string folder;

    public Server(string name, ProcessStartInfo start, string folder)
    {
        (Name, this.folder) = (name, folder);
        process = Cores.StartServer(start);
        // Who ends this program by a signal shall not have to look for its servers.
        AppDomain.CurrentDomain.ProcessExit += EndWithProgram;
    }

    public string Name { get; }

    /// <summary>Null: it does not speak UDP.</summary>
    public IPEndPoint? Udp { get; init; }

    /// <summary>Null: it does not speak UDP over IPv6.</summary>
    public IPEndPoint? UdpV6 { get; init; }

    /// <summary>Null: it does not speak HTTP.</summary>
    public IPEndPoint? Http { get; init; }

    /// <summary>It knows torrents; false: it only shows what the machine can do.</summary>
    public bool IsTracker { get; init; }

    /// <summary>What it has kept is for a later one: its folder stays.</summary>
    public bool KeepsFolder { get; set; }

    public bool HasEnded => process.HasExited;

    /// <summary>What it has used of its core since it was started.</summary>
    public TimeSpan CpuTime
    {
        get
        {
            process.Refresh();
            return process.TotalProcessorTime;
        }
    }

    /// <summary>Its memory that is nobody else's (RssAnon of /proc), in bytes.</summary>
    public long AnonymousBytes => StatusBytes("RssAnon:");

    /// <summary>Its memory with what is mapped from files (VmRSS of /proc), in bytes.</summary>
    public long ResidentBytes => StatusBytes("VmRSS:");

    /// <summary>The most that it ever had of the same (VmHWM of /proc), in bytes.</summary>
    public long MostResidentBytes => StatusBytes("VmHWM:");

    /// <summary>A folder that every user may read: opentracker gives its rights up.</summary>
    public static string MakeFolder()
    {
        var made = Directory.CreateTempSubdirectory("anatomic-peers-").FullName;
        File.SetUnixFileMode(
            made,
            UnixFileMode.UserRead
                | UnixFileMode.UserWrite
                | UnixFileMode.UserExecute
                | UnixFileMode.GroupRead
                | UnixFileMode.GroupExecute
                | UnixFileMode.OtherRead
                | UnixFileMode.OtherExecute
        );
        return made;
    }

    /// <summary>A port of 127.0.0.1 that is free for both TCP and UDP at this moment.</summary>
    public static int FreePort()
    {
        while (true)
        {
            using var tcp = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            using var udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            tcp.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            try
            {
                udp.Bind(tcp.LocalEndPoint!);
                return ((IPEndPoint)tcp.LocalEndPoint!).Port;
            }
            catch (SocketException)
            {
                // Somebody has it for UDP; another one is as good.
            }
        }
    }

    /// <summary>Reads lines of its output until one begins with these words, and returns what follows them.</summary>
    public string ReadLine(string words)
    {
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (line.StartsWith(words, StringComparison.Ordinal))
            {
                return line[words.Length..];
            }
        }
        throw new PeersException($"{Name} ended without '{words}'");
    }

    /// <summary>Waits until connections are taken.</summary>
    /// <exception cref="PeersException">They are not, for a long time.</exception>
    public void AwaitHttp()
    {
        var begin = Stopwatch.GetTimestamp();
        do
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Connect(Http!);
                return;
            }
            catch (SocketException)
            {
                // Not yet: once more in a moment, if it has not ended meanwhile.
            }
        } while (!EndsWithin(TimeSpan.FromMilliseconds(10)) && Stopwatch.GetElapsedTime(begin) < PoliteBegin);
        throw new PeersException($"{Name} takes no connections at {Http}");
    }

    /// <summary>Whether it ends by itself in this time, or has ended.</summary>
    public bool EndsWithin(TimeSpan time) => process.WaitForExit(time);

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= EndWithProgram;
        if (!process.HasExited)
        {
            _ = LinuxCalls.Kill(process.Id, LinuxCalls.Terminate);
            if (!process.WaitForExit(PoliteEnd))
            {
                process.Kill();
                process.WaitForExit();
            }
        }
        process.Dispose();
        if (!KeepsFolder)
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private void EndWithProgram(object? sender, EventArgs arguments) => Dispose();

    private long StatusBytes(string field)
    {
        string? line;
        try
        {
            line = File.ReadLines($"/proc/{process.Id}/status").FirstOrDefault(one => one.StartsWith(field));
        }
        catch (IOException)
        {
            line = null;
        }
        return line is null
            ? throw new PeersException($"{Name} has ended")
            : 1024 * long.Parse(line[field.Length..].Replace("kB", "").Trim());
    }
}
