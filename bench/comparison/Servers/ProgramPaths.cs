namespace Anatomic.Comparison.Servers;

/// <summary>Finds the programs to compare.</summary>
internal static class ProgramPaths
{
    /// <summary>The path of <c>anatomic.dll</c> as it was built together with this program.</summary>
    public static string Anatomic
    {
        get
        {
            // …/bench/comparison/bin/<configuration>/<framework>/.
            var own = AppContext.BaseDirectory.TrimEnd('/');
            var framework = Path.GetFileName(own);
            var configuration = Path.GetFileName(Path.GetDirectoryName(own));
            var sources = Path.GetFullPath(Path.Combine(own, "../../../../../src"));
            return Path.Combine(sources, "Anatomic.Cli/bin", configuration ?? "", framework, "anatomic.dll");
        }
    }

    /// <summary>The path of an installed program; null if it is not installed.</summary>
    public static string? Find(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(':')
            .Append("/usr/sbin")
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);
}
