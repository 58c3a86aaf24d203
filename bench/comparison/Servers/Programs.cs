namespace Anatomic.Comparison.Servers;

/// <summary>Where programs are.</summary>
internal static class Programs
{
    /// <summary>Our own program, as it was built with this one.</summary>
    public static string Anatomic
    {
        get
        {
            // …/bench/comparison/bin/<configuration>/<framework>/; a path above the root is the root's.
            var own = AppContext.BaseDirectory.TrimEnd('/');
            var framework = Path.GetFileName(own);
            var configuration = Path.GetFileName(Path.GetDirectoryName(own));
            var sources = Path.GetFullPath(Path.Combine(own, "../../../../../src"));
            return Path.Combine(sources, "Anatomic.Cli/bin", configuration ?? "", framework, "anatomic.dll");
        }
    }

    /// <summary>A program of the system; null: it is not installed.</summary>
    public static string? Find(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(':')
            .Append("/usr/sbin")
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);
}
