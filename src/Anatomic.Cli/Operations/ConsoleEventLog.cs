using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Anatomic.Cli.Runtime;
using Anatomic.World;

namespace Anatomic.Cli.Operations;

/// <summary>The format of an event log.</summary>
internal enum EventLogFormat
{
    Text,
    Json,
    Off,
}

/// <summary>Writes one line per event: <c>time level event key=value …</c>, or the same as a JSON object.</summary>
internal sealed class ConsoleEventLog(
    TextWriter output,
    EventLogFormat format,
    EventLevel minimumLevel,
    TimeProvider clock
) : IEventLog
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, long> counts = [];

    public bool IsEnabled(EventLevel level) => format != EventLogFormat.Off && level >= minimumLevel;

    public void Write(EventLevel level, [ConstantExpected] string name, params ReadOnlySpan<EventField> fields)
    {
        if (!IsEnabled(level))
        {
            return;
        }
        var line = Start(level, name);
        foreach (var field in fields)
        {
            line.Add(field.Name, field.Text, field.IsNumber);
        }
        WriteLine(line);
    }

    /// <summary>Writes the stack once; after that, only the count, at each power of ten.</summary>
    public void WriteException(Exception fault)
    {
        if (!IsEnabled(EventLevel.Error))
        {
            return;
        }
        var (types, stack) = (TypeNames(fault), StackTrace(fault));
        long times;
        lock (gate)
        {
            var key = $"{types} {stack}";
            if (!counts.TryGetValue(key, out times) && counts.Count >= CliLimits.MaxDistinctExceptions)
            {
                return;
            }
            counts[key] = ++times;
        }
        if (!IsPowerOfTen(times))
        {
            return;
        }
        var line = Start(EventLevel.Error, "fault");
        line.Add("type", types, isNumber: false);
        line.Add("times", times.ToString(CultureInfo.InvariantCulture), isNumber: true);
        if (times == 1)
        {
            line.Add("stack", stack, isNumber: false);
        }
        WriteLine(line);
    }

    private EventLine Start(EventLevel level, string name)
    {
        EventLine line = format == EventLogFormat.Json ? new JsonEventLine() : new TextEventLine();
        line.Begin(clock.GetUtcNow(), level, name);
        return line;
    }

    private void WriteLine(EventLine line)
    {
        var text = line.End();
        lock (gate)
        {
            output.WriteLine(text);
            output.Flush();
        }
    }

    private static bool IsPowerOfTen(long number)
    {
        while (number % 10 == 0)
        {
            number /= 10;
        }
        return number == 1;
    }

    private static string TypeNames(Exception fault)
    {
        var types = new StringBuilder(fault.GetType().Name);
        for (var inner = fault.InnerException; inner is not null; inner = inner.InnerException)
        {
            types.Append('<').Append(inner.GetType().Name);
        }
        return types.ToString();
    }

    /// <summary>On one line, with the innermost exception first.</summary>
    private static string StackTrace(Exception fault)
    {
        var stacks = new List<string>();
        for (var current = fault; current is not null; current = current.InnerException)
        {
            stacks.Insert(0, current.StackTrace ?? "");
        }
        var frames = stacks
            .SelectMany(stack => stack.Split('\n', StringSplitOptions.TrimEntries))
            .Where(frame => frame.Length > 0);
        return string.Join(" | ", frames);
    }
}
