using System.Collections.Concurrent;
using System.Text;
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

    /// <summary>Says when a server looks at its files again.</summary>
    public ManualClock Clock { get; } = new();

    /// <summary>What a person answers; without it nobody can be asked.</summary>
    public string? Answers { get; set; }

    public void Set(string variable, string value) => variables[variable] = value;

    /// <summary>What SIGHUP does.</summary>
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
            CanAsk = Answers is not null,
            Variable = variables.GetValueOrDefault,
            Folder = Folder,
            Clock = Clock,
            OnReload = reload =>
            {
                reloads.Add(reload);
                return new CancellationTokenSource();
            },
        };
        return new Application(environment).RunAsync(arguments, stop);
    }

    /// <summary>Status and the one line that says why.</summary>
    public async Task<(int Status, string Line)> FailAsync(params string[] arguments)
    {
        var status = await RunAsync(arguments);
        return (status, Error.Text.Trim());
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}

/// <summary>Keeps what is written, and lets others wait for a line.</summary>
public sealed class CapturedOutput : TextWriter
{
    private readonly StringBuilder text = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<string>> awaited = [];

    public override Encoding Encoding => Encoding.UTF8;

    public string Text
    {
        get
        {
            lock (text)
            {
                return text.ToString();
            }
        }
    }

    public string[] Lines => Text.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);

    public override void Write(char value)
    {
        lock (text)
        {
            text.Append(value);
        }
        if (value == '\n')
        {
            Answer();
        }
    }

    /// <summary>The first line that holds the words.</summary>
    public Task<string> LineWithAsync(string words)
    {
        var source = awaited.GetOrAdd(words, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
        Answer();
        return source.Task.WaitAsync(TimeSpan.FromSeconds(60));
    }

    private void Answer()
    {
        foreach (var (words, source) in awaited)
        {
            if (Lines.FirstOrDefault(line => line.Contains(words, StringComparison.Ordinal)) is { } line)
            {
                source.TrySetResult(line);
            }
        }
    }
}
