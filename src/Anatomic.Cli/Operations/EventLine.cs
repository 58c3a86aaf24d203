using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Anatomic.World;

namespace Anatomic.Cli.Operations;

/// <summary>Builds one line of an event log.</summary>
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
