using System.Diagnostics;

namespace Anatomic.Comparison.Servers;

/// <summary>Versions of the compared programs, for the results.</summary>
internal static class ProgramVersions
{
    /// <summary>The informational version of an assembly, which ends with its commit.</summary>
    public static string? OfAssembly(string path) => FileVersionInfo.GetVersionInfo(path).ProductVersion;

    /// <summary>
    /// The version of a Debian package; null if dpkg does not know it. Few of these programs print one.
    /// </summary>
    public static string? OfPackage(string name)
    {
        if (ProgramPaths.Find("dpkg-query") is not { } program)
        {
            return null;
        }
        var start = new ProcessStartInfo(program, ["-W", "-f", "${Version}", name])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var version = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 && version.Length > 0 ? $"Debian {version}" : null;
    }
}
