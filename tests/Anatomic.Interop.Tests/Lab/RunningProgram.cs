using System.Diagnostics;
using System.Text;

namespace Anatomic.Interop.Tests.Lab;

/// <summary>A program that a test started; disposing it ends it, first politely, by its own id.</summary>
public sealed class RunningProgram : IAsyncDisposable
{
    private static readonly TimeSpan PoliteEnd = TimeSpan.FromSeconds(10);
    private readonly Process process;
    private bool isDisposed;
    private readonly StringBuilder said = new();
    private readonly List<(Func<string, bool> Wanted, TaskCompletionSource<string> Found)> waiting = [];

    public RunningProgram(
        string name,
        IReadOnlyList<string> command,
        IReadOnlyDictionary<string, string>? environment = null
    )
    {
        Name = name;
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var (key, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[key] = value;
        }
        process = new Process { StartInfo = start, EnableRaisingEvents = true };
        process.OutputDataReceived += (_, line) => Hear(line.Data);
        process.ErrorDataReceived += (_, line) => Hear(line.Data);
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public string Name { get; }

    /// <summary>Everything that it wrote so far, both streams.</summary>
    public string Said
    {
        get
        {
            lock (said)
            {
                return said.ToString();
            }
        }
    }

    public bool HasEnded => process.HasExited;

    /// <summary>The first line that holds the text, written before or after the call.</summary>
    public async Task<string> LineAsync(string text, TimeSpan atMost)
    {
        bool Wanted(string line) => line.Contains(text, StringComparison.Ordinal);
        var found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (said)
        {
            if (said.ToString().Split('\n').FirstOrDefault(Wanted) is { } already)
            {
                return already;
            }
            waiting.Add((Wanted, found));
        }
        var ended = process.WaitForExitAsync();
        var first = await Task.WhenAny(found.Task, ended, Task.Delay(atMost));
        if (first == ended && !found.Task.IsCompleted)
        {
            throw new InvalidOperationException($"{Name} ended with {process.ExitCode} without '{text}':\n{Said}");
        }
        return found.Task.IsCompleted
            ? await found.Task
            : throw new TimeoutException($"{Name} did not say '{text}' within {atMost}:\n{Said}");
    }

    /// <summary>Waits for its end and returns the exit status.</summary>
    public async Task<int> EndAsync(TimeSpan atMost)
    {
        using var late = new CancellationTokenSource(atMost);
        try
        {
            await process.WaitForExitAsync(late.Token);
        }
        catch (OperationCanceledException cause)
        {
            throw new TimeoutException($"{Name} did not end within {atMost}:\n{Said}", cause);
        }
        return process.ExitCode;
    }

    /// <summary>SIGTERM; returns the exit status.</summary>
    public async Task<int> StopAsync()
    {
        if (!process.HasExited)
        {
            // `ip netns exec` replaces itself by the command, so the id is the program's own.
            using var kill = Process.Start("kill", ["-TERM", process.Id.ToString()]);
            await kill.WaitForExitAsync();
        }
        return await EndAsync(PoliteEnd);
    }

    /// <summary>SIGKILL: it has no chance to say goodbye to anyone.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (isDisposed)
        {
            return;
        }
        isDisposed = true;
        try
        {
            await StopAsync();
        }
        catch (TimeoutException)
        {
            await KillAsync();
        }
        process.Dispose();
    }

    private void Hear(string? line)
    {
        if (line is null)
        {
            return;
        }
        lock (said)
        {
            said.Append(line).Append('\n');
            foreach (var (_, found) in waiting.Where(one => one.Wanted(line)))
            {
                found.TrySetResult(line);
            }
            waiting.RemoveAll(one => one.Found.Task.IsCompleted);
        }
    }
}
