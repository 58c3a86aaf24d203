using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Anatomic.World;

namespace Anatomic.Cli.Operations;

/// <summary>How a journal is written.</summary>
internal enum EventLogFormat
{
    Text,
    Json,
    Off,
}

/// <summary>Writes one line an event: <c>time level event key=value …</c>, or the same as a JSON object.</summary>
internal sealed class ConsoleEventLog(TextWriter output, EventLogFormat form, EventLevel least, TimeProvider clock)
    : IEventLog
{
    /// <summary>Faults told in full; a place that fails with every packet must not fill the disk.</summary>
    private const int MaxFaultsTold = 100;

    private readonly Lock gate = new();
    private readonly Dictionary<string, long> faults = [];

    public bool IsEnabled(EventLevel level) => form != EventLogFormat.Off && level >= least;

    public void Write(EventLevel level, [ConstantExpected] string name, params ReadOnlySpan<EventField> facts)
    {
        if (!IsEnabled(level))
        {
            return;
        }
        var line = Start(level, name);
        foreach (var fact in facts)
        {
            line.Add(fact.Name, fact.Text, fact.IsNumber);
        }
        Put(line);
    }

    /// <summary>In full the first time; then only how often it has come, at each power of ten.</summary>
    public void WriteException(Exception fault)
    {
        if (!IsEnabled(EventLevel.Error))
        {
            return;
        }
        var (types, stack) = (TypesOf(fault), StackOf(fault));
        long times;
        lock (gate)
        {
            var key = $"{types} {stack}";
            if (!faults.TryGetValue(key, out times) && faults.Count >= MaxFaultsTold)
            {
                return;
            }
            faults[key] = ++times;
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
        Put(line);
    }

    private EventLine Start(EventLevel level, string name)
    {
        EventLine line = form == EventLogFormat.Json ? new JsonEventLine() : new TextEventLine();
        line.Begin(clock.GetUtcNow(), level, name);
        return line;
    }

    private void Put(EventLine line)
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

    private static string TypesOf(Exception fault)
    {
        var types = new StringBuilder(fault.GetType().Name);
        for (var inner = fault.InnerException; inner is not null; inner = inner.InnerException)
        {
            types.Append('<').Append(inner.GetType().Name);
        }
        return types.ToString();
    }

    /// <summary>On one line, the innermost exception's place first.</summary>
    private static string StackOf(Exception fault)
    {
        var stacks = new List<string>();
        for (var one = fault; one is not null; one = one.InnerException)
        {
            stacks.Insert(0, one.StackTrace ?? "");
        }
        var frames = stacks
            .SelectMany(stack => stack.Split('\n', StringSplitOptions.TrimEntries))
            .Where(f => f.Length > 0);
        return string.Join(" | ", frames);
    }
}

/// <summary>One line of a journal while it is made.</summary>
internal abstract class EventLine
{
    public abstract void Begin(DateTimeOffset at, EventLevel level, string name);

    public abstract void Add(string name, string value, bool isNumber);

    public abstract string End();

    protected static string Time(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    [SuppressMessage("Globalization", "CA1308", Justification = "Logs are written in lower case; nothing is compared.")]
    protected static string Level(EventLevel level) => level.ToString().ToLowerInvariant();
}

internal sealed class TextEventLine : EventLine
{
    private readonly StringBuilder text = new();

    public override void Begin(DateTimeOffset at, EventLevel level, string name) =>
        text.Append(Time(at)).Append(' ').Append(Level(level)).Append(' ').Append(name);

    public override void Add(string name, string value, bool isNumber)
    {
        text.Append(' ').Append(name).Append('=');
        if (value.Contains(' ', StringComparison.Ordinal))
        {
            text.Append('"').Append(value.Replace('"', '\'')).Append('"');
        }
        else
        {
            text.Append(value);
        }
    }

    public override string End() => text.ToString();
}

internal sealed class JsonEventLine : EventLine
{
    private readonly List<Action<Utf8JsonWriter>> members = [];

    public override void Begin(DateTimeOffset at, EventLevel level, string name)
    {
        Add("time", Time(at), isNumber: false);
        Add("level", Level(level), isNumber: false);
        Add("event", name, isNumber: false);
    }

    public override void Add(string name, string value, bool isNumber) =>
        members.Add(writer =>
        {
            if (isNumber)
            {
                writer.WritePropertyName(name);
                writer.WriteRawValue(value);
            }
            else
            {
                writer.WriteString(name, value);
            }
        });

    public override string End()
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            members.ForEach(member => member(writer));
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }
}
