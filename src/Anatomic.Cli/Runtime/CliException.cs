namespace Anatomic.Cli.Runtime;

/// <summary>Ends a verb with a status and one line for the user: what failed, where, and what to do about it.</summary>
/// <param name="status">One of <see cref="ExitStatus"/>.</param>
/// <param name="code">The <c>code</c> of the JSON event <c>error</c>; part of the command line's contract.</param>
/// <param name="message">Without the program's name and without a full stop.</param>
/// <param name="cause">The underlying exception, if there is one.</param>
public sealed class CliException(int status, string code, string message, Exception? cause = null)
    : Exception(message, cause)
{
    public int Status { get; } = status;

    public string Code { get; } = code;

    /// <summary>An argument is invalid: status 2.</summary>
    public static CliException UsageError(string message) => new(ExitStatus.UsageError, "arguments", message);

    /// <summary>
    /// A documented flag whose feature does not exist yet: status 2, because ignoring it would mislead.
    /// </summary>
    public static CliException NotImplemented(string flag, string alternative) =>
        new(ExitStatus.UsageError, "not-built", $"{flag} is not implemented yet; {alternative}");

    /// <summary>A file or other input cannot be used: status 1.</summary>
    public static CliException InvalidInput(string message) => new(ExitStatus.Failed, "input", message);
}
