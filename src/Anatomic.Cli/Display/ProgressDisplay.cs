using Anatomic.Cli.Runtime;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Anatomic.Cli.Display;

/// <summary>
/// Shows progress while a task runs: drawn on a terminal, as one event per second with <c>--json</c>, otherwise not at
/// all.
/// </summary>
internal sealed class ProgressDisplay(ProcessEnvironment environment, ConsoleOutput output, TimeProvider clock)
{
    /// <summary>docs/cli.md promises one <c>progress</c> event per second.</summary>
    private static readonly TimeSpan EventPeriod = TimeSpan.FromSeconds(1);

    /// <summary>Four frames per second look smooth and cost little.</summary>
    private static readonly TimeSpan DrawPeriod = TimeSpan.FromMilliseconds(250);

    /// <summary>Returns when the task has ended, even if it failed: the caller awaits it for the result.</summary>
    /// <param name="task">The work to wait for.</param>
    /// <param name="draw">Renders the current state for a terminal.</param>
    /// <param name="writeEvent">Writes the current state as an event.</param>
    /// <param name="stop">Cancels the wait, not the work.</param>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public async Task ShowUntilAsync(Task task, Func<IRenderable> draw, Action writeEvent, CancellationToken stop)
    {
        if (output.IsJson)
        {
            await RepeatAsync(task, EventPeriod, writeEvent, stop);
        }
        else if (environment.ErrorIsTerminal)
        {
            var console = AnsiConsole.Create(
                new AnsiConsoleSettings { Out = new AnsiConsoleOutput(environment.Error) }
            );
            await console
                .Live(draw())
                .AutoClear(true)
                .StartAsync(context => RepeatAsync(task, DrawPeriod, () => context.UpdateTarget(draw()), stop));
        }
        else
        {
            await RepeatAsync(task, EventPeriod, static () => { }, stop);
        }
    }

    private async Task RepeatAsync(Task task, TimeSpan period, Action show, CancellationToken stop)
    {
        while (!task.IsCompleted)
        {
            await Task.WhenAny(task, Task.Delay(period, clock, stop));
            stop.ThrowIfCancellationRequested();
            show();
        }
    }
}
