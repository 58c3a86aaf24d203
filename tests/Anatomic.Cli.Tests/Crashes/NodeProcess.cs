using System.Diagnostics;
using Anatomic.Wire.Identity;

namespace Anatomic.Cli.Tests.Crashes;

/// <summary>A node as a process of its own, on loopback, in a private network; it can be killed.</summary>
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

    /// <summary>It is the same in every life: its key is in the folder.</summary>
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

    /// <summary>Starts it over a folder, and returns once it answers.</summary>
    public static async Task<NodeProcess> StartAsync(string folder)
    {
        var node = new NodeProcess(folder);
        try
        {
            node.Url = new Uri((await node.output.LineWithAsync("listening "))["listening ".Length..]);
            var id = (await node.output.LineWithAsync("node ")).Split(' ')[1];
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

    /// <summary>SIGKILL: nothing is flushed, nobody is told.</summary>
    public void Kill() => process.Kill();

    public void Dispose()
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
    }
}
