namespace Anatomic.Cli;

/// <summary>How the program ends.</summary>
public static class Exit
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int WrongArguments = 2;
    public const int OutOfReach = 3;

    /// <summary>128 + SIGINT, as shells have it.</summary>
    public const int Interrupted = 130;
}
