using System.Text.Json;

namespace Anatomic.Cli.Display;

internal static class JsonWriterExtensions
{
    /// <summary>Writes an array of strings as the next value.</summary>
    public static void WriteStringArray(this Utf8JsonWriter writer, IEnumerable<string> values)
    {
        writer.WriteStartArray();
        foreach (var value in values)
        {
            writer.WriteStringValue(value);
        }
        writer.WriteEndArray();
    }
}
