using System.Runtime.InteropServices;

[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Anatomic.Interop.Tests.Lab;

/// <summary>
/// A test that needs network namespaces and third-party programs; it is skipped where they are missing.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class InteropFactAttribute : FactAttribute
{
    public InteropFactAttribute(params string[] programs) => Skip = Prerequisites.Missing(hosts: true, programs);
}

/// <summary>A theory with the same requirements.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class InteropTheoryAttribute : TheoryAttribute
{
    public InteropTheoryAttribute(params string[] programs) => Skip = Prerequisites.Missing(hosts: true, programs);
}

/// <summary>A test that runs a third-party program on files, without a network.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ProgramFactAttribute : FactAttribute
{
    public ProgramFactAttribute(params string[] programs) => Skip = Prerequisites.Missing(hosts: false, programs);
}

/// <summary>A theory with the same requirements.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ProgramTheoryAttribute : TheoryAttribute
{
    public ProgramTheoryAttribute(params string[] programs) => Skip = Prerequisites.Missing(hosts: false, programs);
}

internal static partial class Prerequisites
{
    /// <summary>Why a test cannot run here; null if it can.</summary>
    public static string? Missing(bool hosts, string[] programs)
    {
        if (!OperatingSystem.IsLinux())
        {
            return "needs Linux";
        }
        if (hosts && EffectiveUser() != 0)
        {
            return "needs root, to make network namespaces";
        }
        var missing = programs
            .Concat(hosts ? ["ip"] : Array.Empty<string>())
            .Where(program => Find(program) is null)
            .ToList();
        return missing.Count == 0 ? null : $"needs {string.Join(", ", missing)}, not installed";
    }

    public static string? Find(string program) =>
        program.StartsWith("python3:", StringComparison.Ordinal)
            ? FindPythonModule(program["python3:".Length..])
            : (Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin:/sbin")
                .Split(':')
                .Select(folder => Path.Combine(folder, program))
                .FirstOrDefault(File.Exists);

    private static string? FindPythonModule(string module) =>
        Directory.Exists("/usr/lib/python3/dist-packages")
            ? Directory.EnumerateFileSystemEntries("/usr/lib/python3/dist-packages", module + "*").FirstOrDefault()
            : null;

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUser();
}
