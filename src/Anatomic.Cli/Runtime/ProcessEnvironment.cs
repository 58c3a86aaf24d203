using System.Runtime.InteropServices;

namespace Anatomic.Cli.Runtime;

/// <summary>What a run of the program sees of the process: its streams, its environment, its folder.</summary>
public sealed record ProcessEnvironment
{
    /// <summary>Standard output: results and machine-readable lines.</summary>
    public required TextWriter Output { get; init; }

    /// <summary>Standard error: progress and what went wrong.</summary>
    public required TextWriter Error { get; init; }

    public required TextReader Input { get; init; }

    /// <summary>Whether a person watches standard error: only then is progress drawn.</summary>
    public bool ErrorIsTerminal { get; init; }

    /// <summary>Whether a person can be asked: standard input and error are terminals.</summary>
    public bool CanAsk { get; init; }

    /// <summary>An environment variable; null when it is not set.</summary>
    public required Func<string, string?> Variable { get; init; }

    /// <summary>What relative paths start from.</summary>
    public required string Folder { get; init; }

    /// <summary>Says when a server looks at its files again.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>
    /// Calls the action whenever the person asks a running server to read its files again, until disposed. While anybody waits for
    /// it, that wish ends no program.
    /// </summary>
    public Func<Action, IDisposable> OnReload { get; init; } = static _ => NoReload;

    private static readonly IDisposable NoReload = new CancellationTokenSource();

    public static ProcessEnvironment OfProcess() =>
        new()
        {
            Output = Console.Out,
            Error = Console.Error,
            Input = Console.In,
            ErrorIsTerminal = !Console.IsErrorRedirected,
            CanAsk = !Console.IsInputRedirected && !Console.IsErrorRedirected,
            Variable = Environment.GetEnvironmentVariable,
            Folder = Environment.CurrentDirectory,
            OnReload = OnHangup,
        };

    /// <summary>SIGHUP, as daemons have taken it since the eighties; on Windows it says that the console is closed.</summary>
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
