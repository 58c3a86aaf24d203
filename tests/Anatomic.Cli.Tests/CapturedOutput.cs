using System.Collections.Concurrent;
using System.Text;

namespace Anatomic.Cli.Tests;

/// <summary>Captures written text, and lets tests wait for a line.</summary>
public sealed class CapturedOutput : TextWriter
{
    private readonly StringBuilder written = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<string>> awaited = [];

    public override Encoding Encoding => Encoding.UTF8;

    public string Text
    {
        get
        {
            lock (written)
            {
                return written.ToString();
            }
        }
    }

    public string[] Lines => Text.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);

    public override void Write(char value)
    {
        lock (written)
        {
            written.Append(value);
        }
        if (value == '\n')
        {
            CompleteWaiters();
        }
    }

    /// <summary>The first line that contains the text, written before or after the call.</summary>
    public Task<string> WaitForLineAsync(string text)
    {
        var source = awaited.GetOrAdd(text, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
        CompleteWaiters();
        return source.Task.WaitAsync(TimeSpan.FromSeconds(60));
    }

    private void CompleteWaiters()
    {
        foreach (var (wanted, source) in awaited)
        {
            if (Lines.FirstOrDefault(line => line.Contains(wanted, StringComparison.Ordinal)) is { } line)
            {
                source.TrySetResult(line);
            }
        }
    }
}
