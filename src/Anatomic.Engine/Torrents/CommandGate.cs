namespace Anatomic.Engine.Torrents;

/// <summary>
/// Runs the commands of one torrent one after the other, in the order in which they came. A command must not run
/// another one through the gate, as it would wait for itself.
/// </summary>
internal sealed class CommandGate
{
    private Task last = Task.CompletedTask;
    private bool isClosed;

    /// <summary>Rejects all later commands.</summary>
    public void Close() => isClosed = true;

    /// <summary>Runs a command after all earlier ones. The task completes with it.</summary>
    /// <exception cref="EngineException">The torrent was removed.</exception>
    public Task RunAsync(Func<Task> command)
    {
        if (isClosed)
        {
            throw new EngineException("The torrent was removed.");
        }
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
