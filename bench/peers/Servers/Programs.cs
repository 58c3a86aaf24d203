namespace Anatomic.Peers.Servers;

/// <summary>Where programs are.</summary>
internal static class Programs
{
    /// <summary>Our own program, as it was built with this one.</summary>
    public static string Anatomic
    {
        get
        {
            // …/bench/peers/bin/<configuration>/<framework>/
            var own = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/'));
            var root = own.Parent!.Parent!.Parent!.Parent!.Parent!;
            return Path.Combine(root.FullName, "src/Anatomic.Cli/bin", own.Parent.Name, own.Name, "anatomic.dll");
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
