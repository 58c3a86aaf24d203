using System.Diagnostics;

namespace Anatomic.Interop.Tests.Lab;

/// <summary>Finds programs and runs them to completion, without a network.</summary>
public static class Programs
{
    // …/tests/Anatomic.Interop.Tests/bin/<configuration>/<framework>/
    private static readonly DirectoryInfo Own = new(AppContext.BaseDirectory.TrimEnd('/'));

    /// <summary>The root folder of the repository.</summary>
    public static string Repository { get; } = Own.Parent!.Parent!.Parent!.Parent!.Parent!.FullName;

    /// <summary>Our own program, as built with these tests.</summary>
    public static string Anatomic { get; } =
        Path.Combine(Repository, "src", "Anatomic.Cli", "bin", Own.Parent.Name, Own.Name, "anatomic.dll");

    /// <summary>Runs a program that must succeed; returns its standard output.</summary>
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
