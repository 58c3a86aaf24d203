namespace Anatomic.Engine.Torrents;

/// <summary>
/// Runs the commands of one torrent one after the other, in the order in which they came. A command must not run
/// another one through the gate, as it would wait for itself.
/// </summary>
internal sealed class CommandGate
{
    private Task last = Task.CompletedTask;

    /// <summary>Runs a command after all earlier ones. The task completes with it.</summary>
    public Task RunAsync(Func<Task> command)
    {
        var next = RunAfterAsync(last, command);
        last = next;
        return next;
    }

    private static async Task RunAfterAsync(Task previous, Func<Task> command)
    {
        try
        {
            await previous;
        }
        catch (Exception)
        {
            // Its own caller learns of it.
        }
        await command();
    }
}
