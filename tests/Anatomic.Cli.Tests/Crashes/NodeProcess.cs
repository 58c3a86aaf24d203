using System.Diagnostics;
using Anatomic.Wire.Identity;

namespace Anatomic.Cli.Tests.Crashes;

/// <summary>A node in a process of its own, on loopback and in a private network.</summary>
internal sealed class NodeProcess : IDisposable
{
    public const string Network = "local-killed";

    private readonly Process process;
    private readonly CapturedOutput output = new();

    private NodeProcess(string folder)
    {
        string[] arguments =
        [
            Program,
            "node",
            "--listen",
            "127.0.0.1:0",
            "--net",
            Network,
            "--allow-private",
            "--data",
            folder,
            "--log",
            "off",
        ];
        process = new Process
        {
            StartInfo = new ProcessStartInfo("dotnet", arguments)
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        process.OutputDataReceived += (_, line) => output.WriteLine(line.Data);
        process.ErrorDataReceived += (_, line) => output.WriteLine(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public Uri Url { get; private set; } = new("http://127.0.0.1/");

    /// <summary>The same after every restart, because the key is in the folder.</summary>
    public NodeId Id { get; private set; }

    // …/tests/Anatomic.Cli.Tests/bin/<configuration>/<framework>/
    private static string Program
    {
        get
        {
            var own = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
            var root = own.Parent!.Parent!.Parent!.Parent!.Parent!;
            return Path.Combine(root.FullName, "src", "Anatomic.Cli", "bin", own.Parent.Name, own.Name, "anatomic.dll");
        }
    }

    /// <summary>Starts a node over a folder; returns once it answers.</summary>
    public static async Task<NodeProcess> StartAsync(string folder)
    {
        var node = new NodeProcess(folder);
        try
        {
            node.Url = new Uri((await node.output.WaitForLineAsync("listening "))["listening ".Length..]);
            var id = (await node.output.WaitForLineAsync("node ")).Split(' ')[1];
            NodeId.TryParse(id, out var read).ShouldBeTrue(id);
            node.Id = read;
            return node;
        }
        catch
        {
            node.Dispose();
            throw;
        }
    }

    /// <summary>Sends SIGKILL: nothing is flushed and nobody is notified.</summary>
    public void Kill() => process.Kill();

    public void Dispose()
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
    }
}
