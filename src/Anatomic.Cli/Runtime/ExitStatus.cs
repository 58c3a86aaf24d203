namespace Anatomic.Cli.Runtime;

/// <summary>How the program ends.</summary>
public static class ExitStatus
{
    public const int Success = 0;
    public const int Failed = 1;
    public const int UsageError = 2;
    public const int NetworkUnreachable = 3;

    /// <summary>128 + SIGINT, as shells have it.</summary>
    public const int Interrupted = 130;
}
