using System.Text.Json;

namespace Anatomic.Cli.Display;

internal static class JsonStringArrays
{
    /// <summary>A list of words as the next value.</summary>
    public static void Write(Utf8JsonWriter writer, IEnumerable<string> words)
    {
        writer.WriteStartArray();
        foreach (var word in words)
        {
            writer.WriteStringValue(word);
        }
        writer.WriteEndArray();
    }
}
