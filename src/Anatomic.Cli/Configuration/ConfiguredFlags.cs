using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Anatomic.Cli.Runtime;

namespace Anatomic.Cli.Configuration;

/// <summary>
/// Values for flags that the command line leaves open. The environment comes first (<c>ANATOMIC_NODE_LISTEN</c>, then
/// <c>ANATOMIC_LISTEN</c>), then the configuration file (<c>"node": {"listen": …}</c>, then <c>"listen": …</c>).
/// </summary>
/// <remarks>
/// Names follow from the flag, so a new flag needs nothing here: <c>--public-url</c> is <c>PUBLIC_URL</c> and
/// <c>publicUrl</c>.
/// </remarks>
internal sealed class ConfiguredFlags
{
    private static readonly JsonDocumentOptions JsonOptions = new()
    {
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
    };

    private readonly ProcessEnvironment environment;
    private readonly JsonObject file;
    private readonly string path;

    private ConfiguredFlags(ProcessEnvironment environment, JsonObject file, string path)
    {
        this.environment = environment;
        this.file = file;
        this.path = path;
    }

    /// <summary>Reads the configuration file, if there is one.</summary>
    /// <exception cref="CliException">The file cannot be read or is not a JSON object.</exception>
    public static async Task<ConfiguredFlags> ReadAsync(ProcessEnvironment environment, CancellationToken stop)
    {
        var location = Path.Combine(UserFolders.Configuration(environment), "config.json");
        if (!File.Exists(location))
        {
            return new ConfiguredFlags(environment, [], location);
        }
        try
        {
            var text = await File.ReadAllTextAsync(location, stop);
            return JsonNode.Parse(text, documentOptions: JsonOptions) is JsonObject members
                ? new ConfiguredFlags(environment, members, location)
                : throw CliException.UsageError(
                    $"{location} is not a JSON object: write {{\"net\": \"main\"}} or remove the file"
                );
        }
        catch (JsonException fault)
        {
            var (line, column) = (fault.LineNumber + 1, fault.BytePositionInLine + 1);
            throw CliException.UsageError(
                $"{location} is not valid JSON at line {line}, byte {column}: fix or remove it"
            );
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw CliException.UsageError($"{location} cannot be read: {fault.Message}");
        }
    }

    /// <summary>Arguments to append for the flags that the command line leaves open.</summary>
    public IReadOnlyList<string> ArgumentsFor(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var added = new List<string>();
        foreach (var option in command.Options.Where(option => parsed.GetResult(option) is null or { Implicit: true }))
        {
            foreach (var value in Values(command.Name, option))
            {
                added.Add($"{option.Name}={value}");
            }
        }
        return added;
    }

    private IEnumerable<string> Values(string verb, Option option)
    {
        var words = option.Name.TrimStart('-').Split('-');
        var variable = string.Join('_', words).ToUpperInvariant();
        var value =
            environment.GetVariable($"ANATOMIC_{verb.ToUpperInvariant()}_{variable}")
            ?? environment.GetVariable($"ANATOMIC_{variable}");
        if (value is { Length: > 0 })
        {
            // A variable holds a list as words separated by spaces.
            return option.Arity.MaximumNumberOfValues > 1
                ? value.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                : [value];
        }
        var key = words[0] + string.Concat(words.Skip(1).Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
        return FromFile(verb, key);
    }

    private IEnumerable<string> FromFile(string verb, string key)
    {
        var node = (file[verb] as JsonObject)?[key] ?? file[key];
        return node switch
        {
            null => [],
            JsonArray list => list.Select(item => Scalar(item, key)),
            _ => [Scalar(node, key)],
        };
    }

    private string Scalar(JsonNode? node, string key) =>
        node is JsonValue value
            ? value.ToString()
            : throw CliException.UsageError($"{path}: {key} must be a string, a number, a boolean or a list of these");
}
