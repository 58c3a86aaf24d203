using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Anatomic.Cli.Runtime;

namespace Anatomic.Cli.Display;

/// <summary>
/// Says what happens: one JSON object a line for programs, or the same moments as plain lines for people. Every line is flushed
/// when it is written.
/// </summary>
public sealed class ConsoleOutput(ProcessEnvironment environment, bool json)
{
    private static readonly JsonWriterOptions Writing = new()
    {
        // Names of files stay readable; the output goes to no web page.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public bool Json { get; } = json;

    /// <summary>A moment: its JSON event with its facts, or its plain line (none: people are not told).</summary>
    public void Event(string name, Action<Utf8JsonWriter>? facts, string? plain)
    {
        if (Json)
        {
            Object(writer =>
            {
                writer.WriteString("event", name);
                facts?.Invoke(writer);
            });
        }
        else if (plain is not null)
        {
            Line(plain);
        }
    }

    /// <summary>One JSON object on a line of its own.</summary>
    public void Object(Action<Utf8JsonWriter> members)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes, Writing))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }
        Line(Encoding.UTF8.GetString(bytes.WrittenSpan));
    }

    /// <summary>A result for people on standard output.</summary>
    public void Line(string text)
    {
        lock (environment.Output)
        {
            environment.Output.WriteLine(text);
            environment.Output.Flush();
        }
    }

    /// <summary>A remark on standard error that changes no status.</summary>
    public void Remark(string text)
    {
        environment.Error.WriteLine($"anatomic: {text}");
        environment.Error.Flush();
    }

    /// <summary>Why the verb failed: one line on standard error, and the event for programs.</summary>
    public void Error(CliException fault)
    {
        if (Json)
        {
            Event(
                "error",
                writer =>
                {
                    writer.WriteString("code", fault.Code);
                    writer.WriteString("message", fault.Message);
                },
                plain: null
            );
        }
        Remark(fault.Message.ReplaceLineEndings(" "));
    }
}
