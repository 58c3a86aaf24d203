using Anatomic.Cli.Runtime;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Anatomic.Cli.Display;

/// <summary>Shows how something goes while it is waited for: drawn on a terminal, an event a second for programs, else not at all.</summary>
internal sealed class ProgressDisplay(ProcessEnvironment environment, ConsoleOutput reporter, TimeProvider clock)
{
    /// <summary>Once a second, by the contract of the event.</summary>
    private static readonly TimeSpan EventPeriod = TimeSpan.FromSeconds(1);

    /// <summary>Often enough to look alive.</summary>
    private static readonly TimeSpan DrawPeriod = TimeSpan.FromMilliseconds(250);

    /// <summary>Returns when <paramref name="until"/> has ended; its failure is the caller's to look at.</summary>
    /// <param name="until">What is waited for.</param>
    /// <param name="draw">How it stands, for a terminal.</param>
    /// <param name="tell">Writes the event.</param>
    /// <param name="stop">Ends the wait by an <see cref="OperationCanceledException"/>.</param>
    public async Task UntilAsync(Task until, Func<IRenderable> draw, Action tell, CancellationToken stop)
    {
        if (reporter.Json)
        {
            await RepeatAsync(until, EventPeriod, tell, stop);
        }
        else if (environment.ErrorIsTerminal)
        {
            var console = AnsiConsole.Create(
                new AnsiConsoleSettings { Out = new AnsiConsoleOutput(environment.Error) }
            );
            await console
                .Live(draw())
                .AutoClear(true)
                .StartAsync(context => RepeatAsync(until, DrawPeriod, () => context.UpdateTarget(draw()), stop));
        }
        else
        {
            await RepeatAsync(until, EventPeriod, static () => { }, stop);
        }
    }

    private async Task RepeatAsync(Task until, TimeSpan period, Action show, CancellationToken stop)
    {
        while (!until.IsCompleted)
        {
            await Task.WhenAny(until, Task.Delay(period, clock, stop));
            stop.ThrowIfCancellationRequested();
            show();
        }
    }
}
