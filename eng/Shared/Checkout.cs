using System.Diagnostics;

/// <summary>The checkout that a script runs in. Scripts include this file.</summary>
internal static class Checkout
{
    /// <summary>The folder with Anatomic.slnx, at or above the current one.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Runs a program in <see cref="Root"/> with the output of this script; returns its exit status.</summary>
    public static int Run(string program, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = Root };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"cannot start {program}");
        process.WaitForExit();
        return process.ExitCode;
    }

    /// <summary>Builds a project and runs it with these arguments; returns its exit status.</summary>
    public static int RunProject(string project, params IEnumerable<string> arguments) =>
        Run("dotnet", ["run", "-c", "Release", "--project", project, "--", .. arguments]);

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(Environment.CurrentDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Anatomic.slnx")))
        {
            folder = folder.Parent;
        }
        return folder?.FullName ?? throw new InvalidOperationException("run this inside the checkout");
    }
}
