using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Anatomic.Comparison.CommandLine;
using Anatomic.Comparison.Linux;
using Anatomic.Comparison.Load;

namespace Anatomic.Comparison.Servers;

/// <summary>
/// A running server on the servers' core. Disposing it stops its process and removes its folder unless that is kept.
/// </summary>
internal sealed class Server : IDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);
    private readonly Process process;
    private readonly string folder;

    public Server(string name, ProcessStartInfo start, string folder)
    {
        (Name, this.folder) = (name, folder);
        process = CpuAffinity.StartServer(start);
        // A signal that ends this program must not leave servers behind.
        AppDomain.CurrentDomain.ProcessExit += OnProcessExit;
    }

    public string Name { get; }

    /// <summary>Null if it does not serve UDP.</summary>
    public IPEndPoint? Udp { get; init; }

    /// <summary>Null if it does not serve UDP over IPv6.</summary>
    public IPEndPoint? UdpV6 { get; init; }

    /// <summary>Null if it does not serve HTTP.</summary>
    public IPEndPoint? Http { get; init; }

    /// <summary>False for a baseline, which knows no torrents and only shows the limits of the machine.</summary>
    public bool IsTracker { get; init; }

    /// <summary>The version in the results; null if unknown.</summary>
    public string? Version { get; init; }

    /// <summary>Leaves the folder in place for a later server.</summary>
    public bool KeepsFolder { get; set; }

    public bool HasExited => process.HasExited;

    /// <summary>Processor time since the start.</summary>
    public TimeSpan CpuTime
    {
        get
        {
            process.Refresh();
            return process.TotalProcessorTime;
        }
    }

    /// <summary>Anonymous memory (RssAnon in /proc), in bytes.</summary>
    public long AnonymousBytes => StatusBytes("RssAnon:");

    /// <summary>Resident memory, mapped files included (VmRSS in /proc), in bytes.</summary>
    public long ResidentBytes => StatusBytes("VmRSS:");

    /// <summary>Peak of the resident memory (VmHWM in /proc), in bytes.</summary>
    public long PeakResidentBytes => StatusBytes("VmHWM:");

    /// <summary>Creates a folder that every user may read: opentracker drops its privileges.</summary>
    public static string CreateFolder()
    {
        var created = Directory.CreateTempSubdirectory("anatomic-comparison-").FullName;
        File.SetUnixFileMode(
            created,
            UnixFileMode.UserRead
                | UnixFileMode.UserWrite
                | UnixFileMode.UserExecute
                | UnixFileMode.GroupRead
                | UnixFileMode.GroupExecute
                | UnixFileMode.OtherRead
                | UnixFileMode.OtherExecute
        );
        return created;
    }

    /// <summary>A port of 127.0.0.1 that is currently free for both TCP and UDP.</summary>
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
                // In use for UDP: try another one.
            }
        }
    }

    /// <summary>Reads the output up to a line with this prefix; returns the rest of that line.</summary>
    public string ReadLine(string prefix)
    {
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (line.StartsWith(prefix, StringComparison.Ordinal))
            {
                return line[prefix.Length..];
            }
        }
        throw new ComparisonException($"{Name} exited before it printed '{prefix}'");
    }

    /// <summary>The UDP address that serves this population: one source means IPv6.</summary>
    /// <exception cref="ComparisonException">The server does not serve UDP there.</exception>
    public IPEndPoint UdpFor(Population population) =>
        (population.Sources == 1 ? UdpV6 : Udp)
        ?? throw new ComparisonException($"{Name} does not serve that UDP address");

    /// <summary>Waits until the server accepts connections.</summary>
    /// <exception cref="ComparisonException">It does not within 20 seconds.</exception>
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
                // Not yet: try again shortly unless the server has exited.
            }
        } while (!ExitsWithin(TimeSpan.FromMilliseconds(10)) && Stopwatch.GetElapsedTime(begin) < StartTimeout);
        throw new ComparisonException($"{Name} accepts no connections at {Http}");
    }

    /// <summary>Whether the process exits within this time or has exited already.</summary>
    public bool ExitsWithin(TimeSpan time) => process.WaitForExit(time);

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnProcessExit;
        if (!process.HasExited)
        {
            _ = SystemCalls.Kill(process.Id, SystemCalls.Terminate);
            if (!process.WaitForExit(StopTimeout))
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

    private void OnProcessExit(object? sender, EventArgs arguments) => Dispose();

    private long StatusBytes(string field)
    {
        string? line;
        try
        {
            line = File.ReadLines($"/proc/{process.Id}/status")
                .FirstOrDefault(one => one.StartsWith(field, StringComparison.Ordinal));
        }
        catch (IOException)
        {
            line = null;
        }
        return line is null
            ? throw new ComparisonException($"{Name} has exited")
            : 1024 * long.Parse(line[field.Length..].Replace("kB", "").Trim());
    }
}
