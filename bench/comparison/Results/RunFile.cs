using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Anatomic.Comparison.Results;

/// <summary>Reads and writes runs as JSON.</summary>
internal static class RunFile
{
    // Units have characters such as µ, and no HTML page embeds the files.
    private static readonly RunJson Json = new(
        new JsonSerializerOptions(RunJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }
    );

    public static string Write(RunRecord run) => JsonSerializer.Serialize(run, Json.RunRecord) + "\n";

    /// <exception cref="JsonException">The text does not follow the schema.</exception>
    public static RunRecord Read(string text) =>
        JsonSerializer.Deserialize(text, Json.RunRecord) ?? throw new JsonException("the file is empty");
}

/// <summary>The serializer that the compiler generates.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    WriteIndented = true
)]
[JsonSerializable(typeof(RunRecord))]
internal sealed partial class RunJson : JsonSerializerContext;
