namespace Anatomic.Cli.Runtime;

/// <summary>The verb cannot go on; the message is the one line that the person reads: what, where, and what to do.</summary>
/// <param name="status">One of <see cref="ExitStatus"/>.</param>
/// <param name="code">A short word for programs, as in the JSON event <c>error</c>.</param>
/// <param name="message">Without the program's name and without a full stop.</param>
/// <param name="cause">What it came from.</param>
public sealed class CliException(int status, string code, string message, Exception? cause = null)
    : Exception(message, cause)
{
    public int Status { get; } = status;

    public string Code { get; } = code;

    /// <summary>An argument makes no sense: status 2.</summary>
    public static CliException Arguments(string message) => new(ExitStatus.UsageError, "arguments", message);

    /// <summary>A flag of the contract whose feature is not there yet: refused, for silence would be a lie.</summary>
    public static CliException NotBuilt(string flag, string instead) =>
        new(ExitStatus.UsageError, "not-built", $"{flag} is not built yet; {instead}");

    /// <summary>What was given cannot be used: status 1.</summary>
    public static CliException Input(string message) => new(ExitStatus.Failed, "input", message);
}
