using Anatomic.Cli.Runtime;

namespace Anatomic.Cli.Configuration;

/// <summary>The user's configuration and state folders, by the convention of the operating system.</summary>
internal static class UserFolders
{
    private const string Program = "anatomic";

    /// <summary><c>$XDG_CONFIG_HOME/anatomic</c>, <c>~/.config/anatomic</c>, or the system's usual folder.</summary>
    public static string Configuration(ProcessEnvironment environment) =>
        Find(environment, "XDG_CONFIG_HOME", Environment.SpecialFolder.ApplicationData, ".config");

    /// <summary>
    /// <c>$XDG_STATE_HOME/anatomic</c>, <c>~/.local/state/anatomic</c>, or the system's usual folder.
    /// </summary>
    public static string State(ProcessEnvironment environment) =>
        Find(
            environment,
            "XDG_STATE_HOME",
            Environment.SpecialFolder.LocalApplicationData,
            Path.Combine(".local", "state")
        );

    private static string Find(
        ProcessEnvironment environment,
        string variable,
        Environment.SpecialFolder systemFolder,
        string belowHome
    )
    {
        var parent =
            AbsolutePath(environment, variable)
            ?? (
                OperatingSystem.IsWindows() || OperatingSystem.IsMacOS()
                    ? Environment.GetFolderPath(systemFolder)
                    : Path.Combine(Home(environment), belowHome)
            );
        return Path.Combine(parent, Program);
    }

    private static string Home(ProcessEnvironment environment) =>
        AbsolutePath(environment, "HOME") ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    // The XDG Base Directory specification requires that relative paths in these variables are ignored.
    private static string? AbsolutePath(ProcessEnvironment environment, string variable) =>
        environment.GetVariable(variable) is { Length: > 0 } value && Path.IsPathFullyQualified(value) ? value : null;
}
