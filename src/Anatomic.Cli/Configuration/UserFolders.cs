using Anatomic.Cli.Runtime;

namespace Anatomic.Cli.Configuration;

/// <summary>Where the program keeps what, by the custom of the system it runs on.</summary>
internal static class UserFolders
{
    private const string Program = "anatomic";

    /// <summary><c>$XDG_CONFIG_HOME/anatomic</c>, <c>~/.config/anatomic</c>, or the system's usual folder.</summary>
    public static string Configuration(ProcessEnvironment environment) =>
        Of(environment, "XDG_CONFIG_HOME", Environment.SpecialFolder.ApplicationData, ".config");

    /// <summary><c>$XDG_STATE_HOME/anatomic</c>, <c>~/.local/state/anatomic</c>, or the system's usual folder.</summary>
    public static string State(ProcessEnvironment environment) =>
        Of(
            environment,
            "XDG_STATE_HOME",
            Environment.SpecialFolder.LocalApplicationData,
            Path.Combine(".local", "state")
        );

    private static string Of(
        ProcessEnvironment environment,
        string variable,
        Environment.SpecialFolder elsewhere,
        string belowHome
    )
    {
        var parent =
            Set(environment, variable)
            ?? (
                OperatingSystem.IsWindows() || OperatingSystem.IsMacOS()
                    ? Environment.GetFolderPath(elsewhere)
                    : Path.Combine(Home(environment), belowHome)
            );
        return Path.Combine(parent, Program);
    }

    private static string Home(ProcessEnvironment environment) =>
        Set(environment, "HOME") ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    // XDG Base Directory: a relative path in these variables is to be ignored.
    private static string? Set(ProcessEnvironment environment, string variable) =>
        environment.Variable(variable) is { Length: > 0 } value && Path.IsPathFullyQualified(value) ? value : null;
}
