using System.Text.Json;

namespace Anatomic.Comparison.Results;

/// <summary>Results for programs: a line of JSON each, appended to a file as they come.</summary>
internal sealed class JsonLines(string? file)
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>Nothing where no file was asked for.</summary>
    public void Write<T>(T line)
    {
        if (file is not null)
        {
            File.AppendAllText(file, JsonSerializer.Serialize(line, Options) + "\n");
        }
    }
}
