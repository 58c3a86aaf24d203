using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Anatomic.Cli.Runtime;

namespace Anatomic.Cli.Display;

/// <summary>
/// Writes results: one JSON object per line for programs, or the same events as plain lines for people. Every line is
/// flushed when it is written.
/// </summary>
public sealed class ConsoleOutput(ProcessEnvironment environment, bool json)
{
    private static readonly JsonWriterOptions WriterOptions = new()
    {
        // File names stay readable. The output is not embedded in HTML, so relaxed escaping is safe.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public bool IsJson { get; } = json;

    /// <summary>Writes an event as JSON, or as its plain line; without one, people see nothing.</summary>
    public void WriteEvent(string name, Action<Utf8JsonWriter>? writeFields, string? plain)
    {
        if (IsJson)
        {
            WriteObject(writer =>
            {
                writer.WriteString("event", name);
                writeFields?.Invoke(writer);
            });
        }
        else if (plain is not null)
        {
            WriteLine(plain);
        }
    }

    /// <summary>Writes one JSON object on a line of its own.</summary>
    public void WriteObject(Action<Utf8JsonWriter> writeMembers)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes, WriterOptions))
        {
            writer.WriteStartObject();
            writeMembers(writer);
            writer.WriteEndObject();
        }
        WriteLine(Encoding.UTF8.GetString(bytes.WrittenSpan));
    }

    /// <summary>Writes a result to standard output.</summary>
    public void WriteLine(string text)
    {
        lock (environment.Output)
        {
            environment.Output.WriteLine(text);
            environment.Output.Flush();
        }
    }

    /// <summary>Writes a line to standard error that does not change the exit status.</summary>
    public void WriteWarning(string text)
    {
        environment.Error.WriteLine($"anatomic: {text}");
        environment.Error.Flush();
    }

    /// <summary>Reports why the verb failed: one line on standard error, and the event for programs.</summary>
    public void WriteError(CliException fault)
    {
        if (IsJson)
        {
            WriteEvent(
                "error",
                writer =>
                {
                    writer.WriteString("code", fault.Code);
                    writer.WriteString("message", fault.Message);
                },
                plain: null
            );
        }
        WriteWarning(fault.Message.ReplaceLineEndings(" "));
    }
}
