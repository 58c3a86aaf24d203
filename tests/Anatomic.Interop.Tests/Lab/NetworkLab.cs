using System.Diagnostics;

namespace Anatomic.Interop.Tests.Lab;

/// <summary>
/// An isolated network: one bridge in a namespace, and hosts in namespaces around it, each with its own address. It and
/// the machine's network cannot reach each other.
/// </summary>
public sealed class NetworkLab : IAsyncDisposable
{
    private static int labs;
    private readonly string prefix =
        $"an{Environment.ProcessId % 100_000}{(char)('a' + (Interlocked.Increment(ref labs) % 26))}";
    private readonly List<LabHost> hosts = [];

    public NetworkLab()
    {
        Folder = Directory.CreateTempSubdirectory("anatomic-lab-").FullName;
        // Some programs drop privileges before they read their files.
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Folder, (UnixFileMode)0b111_101_101);
        }
        Ip("netns", "add", Switch);
        Ip("-n", Switch, "link", "add", "br0", "type", "bridge");
        Ip("-n", Switch, "link", "set", "br0", "up");
    }

    /// <summary>The folder for all files of the hosts; deleted with the lab.</summary>
    public string Folder { get; }

    private string Switch => prefix + "-sw";

    /// <summary>Adds a host with its own address and folder.</summary>
    public LabHost AddHost(string name)
    {
        var number = hosts.Count + 2;
        var space = $"{prefix}-{number}";
        var address = $"10.86.0.{number}";
        Ip("netns", "add", space);
        Ip("-n", space, "link", "set", "lo", "up");
        Ip("-n", space, "link", "add", "eth0", "type", "veth", "peer", "name", $"p{number}", "netns", Switch);
        Ip("-n", Switch, "link", "set", $"p{number}", "master", "br0", "up");
        Ip("-n", space, "addr", "add", address + "/24", "dev", "eth0");
        Ip("-n", space, "link", "set", "eth0", "up");
        // Clients look up the default route to find their own address, although it leads nowhere.
        Ip("-n", space, "route", "add", "default", "via", "10.86.0.1", "onlink", "dev", "eth0");
        var host = new LabHost(name, space, address, Directory.CreateDirectory(Path.Combine(Folder, name)).FullName);
        hosts.Add(host);
        return host;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in hosts)
        {
            await host.DisposeAsync();
            Ip("netns", "del", host.Namespace);
        }
        Ip("netns", "del", Switch);
        Directory.Delete(Folder, recursive: true);
    }

    private static void Ip(params string[] arguments)
    {
        var start = new ProcessStartInfo("ip", arguments) { RedirectStandardError = true, UseShellExecute = false };
        using var process = Process.Start(start) ?? throw new InvalidOperationException("ip does not start");
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"ip {string.Join(' ', arguments)}: {error.Trim()}");
        }
    }
}
