using System.Text.RegularExpressions;

namespace Anatomic.Architecture.Tests;

/// <summary>Each rule returns one sentence per violation, and nothing when the repository complies.</summary>
public static partial class Rules
{
    /// <summary>The maximum length of a source file, in lines: a longer one holds two ideas.</summary>
    public const int MaxFileLines = 500;

    /// <summary>Files above the limit, with the reason. The list may only shrink.</summary>
    public static readonly IReadOnlyDictionary<string, string> OversizedFiles = new Dictionary<string, string>();

    /// <summary>Rooms that reach the outside only through IWorld; the build holds the ban list against them.</summary>
    public static readonly IReadOnlyList<string> InsideWorld =
    [
        "Wire",
        "World",
        "Tracker",
        "Federation",
        "Engine",
        "Hosting",
        "Simulation",
    ];

    public static IEnumerable<string> References(Repository repository, IReadOnlyList<AllowedReference> table)
    {
        foreach (var project in repository.Projects("src"))
        {
            var room = Repository.RoomOf(project);
            var allowed = table.Where(row => row.From == room).Select(row => row.To).ToList();
            var used = repository.Includes(project, "ProjectReference");
            foreach (var to in used.Except(allowed))
            {
                yield return $"{project} refers to Anatomic.{to}, which the table of allowed references does not name";
            }
            foreach (var to in allowed.Except(used))
            {
                yield return $"the table allows {room} to refer to {to}, which it does not do: take the row out";
            }
        }
        foreach (var row in table.Where(row => row.Because.Length < 10))
        {
            yield return $"the reference of {row.From} to {row.To} has no reason";
        }
    }

    /// <summary>References of the table that the compiled assembly does not use.</summary>
    public static IEnumerable<string> UnusedReferences(
        IReadOnlyList<AllowedReference> table,
        Func<string, IReadOnlyList<string>> roomsUsedBy
    ) =>
        from row in table
        where !roomsUsedBy(row.From).Contains(row.To)
        select $"{row.From} refers to {row.To} and uses nothing of it: remove the reference";

    public static IEnumerable<string> PackagesOf(Repository repository, IReadOnlyList<AllowedReference> table) =>
        from project in repository.Projects("src")
        from package in repository.Includes(project, "PackageReference")
        where !table.Any(row => row.From == Repository.RoomOf(project) && row.To == package)
        select $"{project} uses the package {package}, which the table does not name";

    public static IEnumerable<string> FileSizes(Repository repository, IReadOnlyDictionary<string, string> exceptions)
    {
        foreach (var file in repository.Sources("src", "tests", "bench", "eng"))
        {
            var lines = LinesOf(repository.Read(file));
            if (lines > MaxFileLines && !exceptions.ContainsKey(file))
            {
                yield return $"{file} has {lines} lines, more than {MaxFileLines}: split it by its ideas";
            }
            if (lines <= MaxFileLines && exceptions.ContainsKey(file))
            {
                yield return $"{file} has only {lines} lines: take it out of the exceptions";
            }
        }
        foreach (var missing in exceptions.Keys.Where(file => !repository.Has(file)))
        {
            yield return $"{missing} is an exception and does not exist";
        }
    }

    /// <summary>The files of a partial class count together.</summary>
    public static IEnumerable<string> PartialSizes(Repository repository) =>
        from file in repository.Sources("src")
        let text = repository.Read(file)
        from Match part in PartialType().Matches(text)
        group LinesOf(text) by (Folder: Path.GetDirectoryName(file), Name: part.Groups["name"].Value) into parts
        where parts.Count() > 1 && parts.Sum() > MaxFileLines
        select $"the parts of {parts.Key.Name} in {parts.Key.Folder} have {parts.Sum()} lines together";

    public static IEnumerable<string> Namespaces(Repository repository) =>
        from file in repository.Sources("src")
        let expected = Path.GetDirectoryName(file)!["src/".Length..].Replace('/', '.').Replace('\\', '.')
        let actual = NamespaceLine().Match(repository.Read(file))
        where actual.Success && actual.Groups["name"].Value != expected
        select $"{file} is in the namespace {actual.Groups["name"].Value}, its folder says {expected}";

    /// <summary>Code must not suppress the ban list.</summary>
    public static IEnumerable<string> Suppressions(Repository repository) =>
        from file in repository.Sources("src")
        let text = repository.Read(file)
        where text.Contains("RS0030", StringComparison.Ordinal) || text.Contains("#region", StringComparison.Ordinal)
        select $"{file} suppresses the ban list or hides code in a region";

    public static IEnumerable<string> Unfinished(Repository repository) =>
        from file in repository.Sources("src", "tests", "bench")
        where !file.StartsWith("tests/Anatomic.Architecture.Tests/", StringComparison.Ordinal)
        from Match match in UnfinishedWord().Matches(repository.Read(file))
        select $"{file} holds {match.Value}";

    public static IEnumerable<string> LockFiles(Repository repository) =>
        from project in repository.Projects("src", "tests", "bench")
        let path = Path.GetDirectoryName(project) + "/packages.lock.json"
        where !repository.Has(path)
        select $"{path} is missing: restore and commit it";

    public static IEnumerable<string> BuildSettings(Repository repository)
    {
        var props = repository.Read("Directory.Build.props");
        string[] wanted =
        [
            "<TreatWarningsAsErrors>true<",
            "<Nullable>enable<",
            "NU1603",
            "<Deterministic>true<",
            "<DisableTransitiveProjectReferences>true<",
            "<RestorePackagesWithLockFile>true<",
            "<ManagePackageVersionsCentrally>true<",
            "BannedApiAnalyzers",
            $"Anatomic\\.({string.Join('|', InsideWorld)})$",
        ];
        foreach (var setting in wanted.Where(setting => !props.Contains(setting, StringComparison.Ordinal)))
        {
            yield return $"Directory.Build.props no longer holds {setting}";
        }
        var editorConfig = repository.Read(".editorconfig");
        if (
            !editorConfig.Contains("MA0051.maximum_lines_per_method = 60", StringComparison.Ordinal)
            || !editorConfig.Contains("dotnet_diagnostic.MA0051.severity = warning", StringComparison.Ordinal)
        )
        {
            yield return ".editorconfig no longer limits methods to 60 lines";
        }
    }

    private static int LinesOf(string text) => text.AsSpan().Count('\n');

    [GeneratedRegex(@"\bpartial (?:class|record|struct) (?<name>\w+)")]
    private static partial Regex PartialType();

    [GeneratedRegex(@"^namespace (?<name>[\w.]+);", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(@"NotImplementedException|\bTODO\b(?! #\d)|\bFIXME\b|\bHACK\b")]
    private static partial Regex UnfinishedWord();
}
