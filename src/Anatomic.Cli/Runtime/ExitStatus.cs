namespace Anatomic.Cli.Runtime;

/// <summary>The exit statuses of the program; docs/cli.md promises them.</summary>
public static class ExitStatus
{
    public const int Success = 0;
    public const int Failed = 1;
    public const int UsageError = 2;
    public const int NetworkUnreachable = 3;

    /// <summary>128 + SIGINT, the convention of shells.</summary>
    public const int Interrupted = 130;
}
