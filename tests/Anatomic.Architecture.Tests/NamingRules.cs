using System.Text.RegularExpressions;

namespace Anatomic.Architecture.Tests;

/// <summary>Types have the field's standard names, and test files follow one rule.</summary>
public static partial class NamingRules
{
    /// <summary>
    /// Words that once named types here and that a newcomer cannot guess, with the word to use instead.
    /// </summary>
    public static readonly IReadOnlyDictionary<string, string> RetiredWords = new Dictionary<string, string>
    {
        ["Approach"] = "Prefetch",
        ["Ask"] = "Request",
        ["Asking"] = "Request",
        ["Book"] = "State or Table",
        ["Conversation"] = "ConnectionHandler",
        ["Desk"] = "Handler",
        ["Dialog"] = "MessageHandler",
        ["Flow"] = "Loop",
        ["Forms"] = "Patterns",
        ["Journal"] = "EventLog",
        ["Judge"] = "Validator",
        ["Manner"] = "Fault",
        ["Mill"] = "Factory",
        ["Mood"] = "Fault",
        ["Nearby"] = "CacheLine",
        ["Refusal"] = "Rejection",
        ["Refusals"] = "FailureReasons",
        ["Rounds"] = "Maintenance",
        ["Sentences"] = "Errors",
        ["Servings"] = "Servers",
        ["Story"] = "Scenario",
        ["Surroundings"] = "Environment",
        ["Suspect"] = "SilentPartner",
        ["Told"] = "Reported",
        ["Trouble"] = "Failure",
        ["Twin"] = "DualStackPair",
        ["Universe"] = "Simulator",
        ["Verdict"] = "Result",
        ["Village"] = "TestNetwork",
    };

    /// <summary>One sentence for each declared type whose name contains a retired word.</summary>
    public static IEnumerable<string> RetiredNames(
        Repository repository,
        IReadOnlyDictionary<string, string> retired
    ) =>
        from file in repository.Sources("src", "tests", "bench", "eng")
        from Match type in DeclaredType().Matches(repository.Read(file))
        let name = type.Groups["name"].Value
        from Match word in WordOfName().Matches(name)
        where retired.ContainsKey(word.Value)
        select $"{file}: the type {name} contains {word.Value}; use {retired[word.Value]}";

    /// <summary>
    /// A file with tests is named after its class, and the class after its subject: <c>PiecePickerTests</c>.
    /// </summary>
    public static IEnumerable<string> TestFiles(Repository repository) =>
        from file in repository.Sources("tests")
        where TestAttribute().IsMatch(repository.Read(file))
        let name = Path.GetFileNameWithoutExtension(file)
        where
            !name.EndsWith("Tests", StringComparison.Ordinal)
            || name.Contains('_', StringComparison.Ordinal)
            || !repository.Read(file).Contains($"class {name}", StringComparison.Ordinal)
        select $"{file} holds tests: name the file and its class SubjectTests";

    /// <summary>The methods of tests are sentences: <c>An_empty_swarm_has_no_seeds</c>.</summary>
    public static IEnumerable<string> TestMethods(Repository repository) =>
        from file in repository.Sources("tests")
        from Match method in TestMethod().Matches(repository.Read(file))
        let name = method.Groups["name"].Value
        where !name.Contains('_', StringComparison.Ordinal) || !char.IsUpper(name[0])
        select $"{file}: the test {name} is not a sentence";

    /// <summary>A room keeps all its limits in one file, so that they are found and reviewed together.</summary>
    public static IEnumerable<string> LimitsFiles(Repository repository) =>
        from file in repository.Sources("src")
        where Path.GetFileNameWithoutExtension(file).EndsWith("Limits", StringComparison.Ordinal)
        group file by file.Split('/')[1] into files
        where files.Count() > 1
        select $"{files.Key} has {files.Count()} limits files: {string.Join(", ", files)}";

    [GeneratedRegex(
        @"^\s*(?:(?:public|internal|private|protected|file|static|sealed|abstract|readonly|unsafe|partial|ref|new)\s+)*"
            + @"(?:class|struct|interface|enum|record(?:\s+struct|\s+class)?|delegate\s+[\w<>?\[\], ]+?)\s+"
            + @"(?<name>[A-Z]\w*)",
        RegexOptions.Multiline
    )]
    private static partial Regex DeclaredType();

    [GeneratedRegex("[A-Z]+(?![a-z])|[A-Z][a-z0-9]+")]
    private static partial Regex WordOfName();

    [GeneratedRegex(@"^\s*\[(?:\w*Fact|\w*Theory)\b", RegexOptions.Multiline)]
    private static partial Regex TestAttribute();

    [GeneratedRegex(
        @"^\s*\[(?:\w*Fact|\w*Theory)\b[^\n]*\n(?:\s*\[[^\n]*\n)*\s*public (?:async )?[\w<>]+ (?<name>\w+)\(",
        RegexOptions.Multiline
    )]
    private static partial Regex TestMethod();
}
