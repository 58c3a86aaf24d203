using Anatomic.Wire;

namespace Anatomic.Engine.Torrents;

/// <summary>Readers that wait for pieces to be verified and written.</summary>
internal sealed class PieceWaiters
{
    private readonly Dictionary<PieceIndex, TaskCompletionSource> waiting = [];
    private string? ended;

    /// <summary>Waits until the piece is written.</summary>
    /// <exception cref="EngineException">The torrent stopped before.</exception>
    public Task WaitAsync(PieceIndex piece, CancellationToken stop)
    {
        if (ended is not null)
        {
            throw new EngineException(ended);
        }
        if (!waiting.TryGetValue(piece, out var written))
        {
            waiting.Add(piece, written = new TaskCompletionSource());
        }
        return written.Task.WaitAsync(stop);
    }

    public void Written(PieceIndex piece)
    {
        if (waiting.Remove(piece, out var written))
        {
            written.TrySetResult();
        }
    }

    /// <summary>Fails all waiting readers.</summary>
    public void End(string reason)
    {
        ended = reason;
        foreach (var written in waiting.Values)
        {
            written.TrySetException(new EngineException(reason));
        }
        waiting.Clear();
    }
}
