using System.Runtime.InteropServices;

namespace Anatomic.Cli.Runtime;

/// <summary>
/// The process around one run of the program: its streams, environment variables, folder and signals.
/// </summary>
public sealed record ProcessEnvironment
{
    /// <summary>Standard output: results and machine-readable lines.</summary>
    public required TextWriter Output { get; init; }

    /// <summary>Standard error: progress, warnings and errors.</summary>
    public required TextWriter Error { get; init; }

    public required TextReader Input { get; init; }

    /// <summary>Whether standard error is a terminal; progress is drawn only there.</summary>
    public bool ErrorIsTerminal { get; init; }

    /// <summary>Whether the program can ask questions: standard input and error are terminals.</summary>
    public bool IsInteractive { get; init; }

    /// <summary>Reads an environment variable; null if it is not set.</summary>
    public required Func<string, string?> GetVariable { get; init; }

    /// <summary>Absolute path of the folder that relative paths start from.</summary>
    public required string WorkingFolder { get; init; }

    /// <summary>Schedules when a server checks its files for changes.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>
    /// Calls the action on each request to reload files (SIGHUP), until the result is disposed. Until then the signal
    /// does not end the process.
    /// </summary>
    public Func<Action, IDisposable> OnReload { get; init; } = static _ => NoReload;

    private static readonly IDisposable NoReload = new CancellationTokenSource();

    public static ProcessEnvironment Current() =>
        new()
        {
            Output = Console.Out,
            Error = Console.Error,
            Input = Console.In,
            ErrorIsTerminal = !Console.IsErrorRedirected,
            IsInteractive = !Console.IsInputRedirected && !Console.IsErrorRedirected,
            GetVariable = Environment.GetEnvironmentVariable,
            WorkingFolder = Environment.CurrentDirectory,
            OnReload = OnHangup,
        };

    /// <summary>On Unix, SIGHUP asks a daemon to reload. On Windows it means that the console was closed.</summary>
    private static IDisposable OnHangup(Action reload) =>
        OperatingSystem.IsWindows()
            ? NoReload
            : PosixSignalRegistration.Create(
                PosixSignal.SIGHUP,
                signal =>
                {
                    signal.Cancel = true;
                    reload();
                }
            );
}
