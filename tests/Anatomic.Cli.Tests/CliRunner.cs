using System.Collections.Concurrent;
using Anatomic.Cli.Runtime;
using Anatomic.Testing;

namespace Anatomic.Cli.Tests;

/// <summary>Runs the program in this process, in a folder of its own, with its output captured.</summary>
public sealed class CliRunner : IDisposable
{
    private readonly Dictionary<string, string> variables = [];
    private readonly ConcurrentBag<Action> reloads = [];

    public CliRunner()
    {
        Folder = Directory.CreateTempSubdirectory("anatomic-cli-").FullName;
        variables["HOME"] = Folder;
        variables["XDG_CONFIG_HOME"] = Path.Combine(Folder, "config");
        variables["XDG_STATE_HOME"] = Path.Combine(Folder, "state");
    }

    public string Folder { get; }

    public CapturedOutput Output { get; private set; } = new();

    public CapturedOutput Error { get; private set; } = new();

    /// <summary>Schedules when a server checks its files for changes.</summary>
    public ManualClock Clock { get; } = new();

    /// <summary>The lines on standard input; null for a run without a terminal.</summary>
    public string? Answers { get; set; }

    public void Set(string variable, string value) => variables[variable] = value;

    /// <summary>Does what SIGHUP does.</summary>
    public void Reload()
    {
        foreach (var reload in reloads)
        {
            reload();
        }
    }

    public string Write(string name, byte[] bytes)
    {
        var path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public Task<int> RunAsync(params string[] arguments) => RunAsync(CancellationToken.None, arguments);

    public Task<int> RunAsync(CancellationToken stop, params string[] arguments)
    {
        (Output, Error) = (new CapturedOutput(), new CapturedOutput());
        var environment = new ProcessEnvironment
        {
            Output = Output,
            Error = Error,
            Input = new StringReader(Answers ?? ""),
            IsInteractive = Answers is not null,
            GetVariable = variables.GetValueOrDefault,
            WorkingFolder = Folder,
            Clock = Clock,
            OnReload = reload =>
            {
                reloads.Add(reload);
                return new CancellationTokenSource();
            },
        };
        return new Application(environment).RunAsync(arguments, stop);
    }

    /// <summary>Runs a command that fails; returns its status and the line on standard error.</summary>
    public async Task<(int Status, string Line)> FailAsync(params string[] arguments)
    {
        var status = await RunAsync(arguments);
        return (status, Error.Text.Trim());
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
