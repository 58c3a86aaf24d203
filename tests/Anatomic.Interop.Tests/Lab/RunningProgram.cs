using System.Diagnostics;
using System.Text;

namespace Anatomic.Interop.Tests.Lab;

/// <summary>A program that a test started. Disposing it sends SIGTERM to its process id, then SIGKILL.</summary>
public sealed class RunningProgram : IAsyncDisposable
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);
    private readonly Process process;
    private bool isDisposed;
    private readonly StringBuilder written = new();
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
        process.OutputDataReceived += (_, line) => OnOutput(line.Data);
        process.ErrorDataReceived += (_, line) => OnOutput(line.Data);
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public string Name { get; }

    /// <summary>Everything that it has written to both streams.</summary>
    public string Output
    {
        get
        {
            lock (written)
            {
                return written.ToString();
            }
        }
    }

    public bool HasExited => process.HasExited;

    /// <summary>The first line that contains the text, written before or after the call.</summary>
    public async Task<string> WaitForLineAsync(string text, TimeSpan timeout)
    {
        bool Wanted(string line) => line.Contains(text, StringComparison.Ordinal);
        var found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (written)
        {
            if (written.ToString().Split('\n').FirstOrDefault(Wanted) is { } already)
            {
                return already;
            }
            waiting.Add((Wanted, found));
        }
        var ended = process.WaitForExitAsync();
        var first = await Task.WhenAny(found.Task, ended, Task.Delay(timeout));
        if (first == ended && !found.Task.IsCompleted)
        {
            throw new InvalidOperationException($"{Name} ended with {process.ExitCode} without '{text}':\n{Output}");
        }
        return found.Task.IsCompleted
            ? await found.Task
            : throw new TimeoutException($"{Name} did not write '{text}' within {timeout}:\n{Output}");
    }

    /// <summary>Waits for the end and returns the exit status.</summary>
    public async Task<int> WaitForExitAsync(TimeSpan timeout)
    {
        using var late = new CancellationTokenSource(timeout);
        try
        {
            await process.WaitForExitAsync(late.Token);
        }
        catch (OperationCanceledException cause)
        {
            throw new TimeoutException($"{Name} did not end within {timeout}:\n{Output}", cause);
        }
        return process.ExitCode;
    }

    /// <summary>Sends SIGTERM; returns the exit status.</summary>
    public async Task<int> StopAsync()
    {
        if (!process.HasExited)
        {
            // `ip netns exec` replaces itself with the command, so the id is the program's own.
            using var kill = Process.Start("kill", ["-TERM", process.Id.ToString()]);
            await kill.WaitForExitAsync();
        }
        return await WaitForExitAsync(StopTimeout);
    }

    /// <summary>Sends SIGKILL: the program cannot notify anyone.</summary>
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

    private void OnOutput(string? line)
    {
        if (line is null)
        {
            return;
        }
        lock (written)
        {
            written.Append(line).Append('\n');
            foreach (var (_, found) in waiting.Where(one => one.Wanted(line)))
            {
                found.TrySetResult(line);
            }
            waiting.RemoveAll(one => one.Found.Task.IsCompleted);
        }
    }
}
