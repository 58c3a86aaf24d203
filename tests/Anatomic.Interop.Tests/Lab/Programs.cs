using System.Diagnostics;

namespace Anatomic.Interop.Tests.Lab;

/// <summary>Where programs are, and how one is run to its end without a network.</summary>
public static class Programs
{
    // …/tests/Anatomic.Interop.Tests/bin/<configuration>/<framework>/
    private static readonly DirectoryInfo Own = new(AppContext.BaseDirectory.TrimEnd('/'));

    /// <summary>The folder of the repository.</summary>
    public static string Repository { get; } = Own.Parent!.Parent!.Parent!.Parent!.Parent!.FullName;

    /// <summary>Our own program, as it was built with these tests.</summary>
    public static string Anatomic { get; } =
        Path.Combine(Repository, "src", "Anatomic.Cli", "bin", Own.Parent.Name, Own.Name, "anatomic.dll");

    /// <summary>Runs a program on this machine; it must end well. Returns its standard output.</summary>
    public static async Task<string> RunAsync(string program, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} does not start");
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0, $"{program} {string.Join(' ', arguments)}:\n{output}{await error}");
        return output;
    }

    public static Task<string> AnatomicAsync(params IEnumerable<string> arguments) =>
        RunAsync("dotnet", [Anatomic, .. arguments]);
}
