using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Anatomic.Cli.Runtime;

namespace Anatomic.Cli.Configuration;

/// <summary>
/// What a flag is when it is not given: the environment's word (<c>ANATOMIC_NODE_LISTEN</c>, then <c>ANATOMIC_LISTEN</c>), then the
/// configuration file's (<c>"node": {"listen": …}</c>, then <c>"listen": …</c>). A flag's own name decides: <c>--public-url</c> is
/// <c>PUBLIC_URL</c> and <c>publicUrl</c>.
/// </summary>
internal sealed class ConfiguredFlags
{
    private static readonly JsonDocumentOptions Reading = new()
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

    public static async Task<ConfiguredFlags> ReadAsync(ProcessEnvironment environment, CancellationToken stop)
    {
        var place = Path.Combine(UserFolders.Configuration(environment), "config.json");
        if (!File.Exists(place))
        {
            return new ConfiguredFlags(environment, [], place);
        }
        try
        {
            var text = await File.ReadAllTextAsync(place, stop);
            return JsonNode.Parse(text, documentOptions: Reading) is JsonObject members
                ? new ConfiguredFlags(environment, members, place)
                : throw CliException.Arguments(
                    $"{place} is not a JSON object: write {{\"net\": \"main\"}} or remove it"
                );
        }
        catch (JsonException fault)
        {
            throw CliException.Arguments(
                $"{place} is not JSON at line {fault.LineNumber + 1}, byte {fault.BytePositionInLine + 1}: correct or remove it"
            );
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw CliException.Arguments($"{place} cannot be read: {fault.Message}");
        }
    }

    /// <summary>Arguments to append for the flags that the command line leaves open.</summary>
    public IReadOnlyList<string> Complete(ParseResult parsed)
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
            environment.Variable($"ANATOMIC_{verb.ToUpperInvariant()}_{variable}")
            ?? environment.Variable($"ANATOMIC_{variable}");
        if (value is { Length: > 0 })
        {
            // Lists stand in one variable, separated by blanks.
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
            : throw CliException.Arguments(
                $"{path}: {key} is neither a word, a number, true or false, nor a list of them"
            );
}
