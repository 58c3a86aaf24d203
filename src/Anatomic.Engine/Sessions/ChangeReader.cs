using Anatomic.Engine.Torrents;
using Anatomic.World;

namespace Anatomic.Engine.Sessions;

/// <summary>
/// Reads a session's change stream. What changes several times before it is read is delivered once, so a slow reader
/// costs no more memory than the session has torrents. Read by one caller at a time, from any thread.
/// </summary>
public sealed class ChangeReader : IAsyncDisposable
{
    private readonly ILoop loop;
    private readonly ChangeStream stream;
    private readonly TorrentSlices watched;
    private readonly HashSet<Torrent> known = [];
    private readonly Dictionary<Torrent, TorrentSlices> changed = [];
    private readonly List<Torrent> removed = [];
    private readonly Queue<(Torrent, TorrentEvent)> events = new();
    private TaskCompletionSource? waiting;
    private int droppedEvents;
    private bool isDisposed;

    internal ChangeReader(ILoop loop, ChangeStream stream, TorrentSlices watched)
    {
        this.loop = loop;
        this.stream = stream;
        this.watched = watched | TorrentSlices.Summary;
    }

    private bool HasChanges => changed.Count > 0 || removed.Count > 0 || events.Count > 0;

    /// <summary>Waits until something changed, and returns all changes since the last call.</summary>
    /// <exception cref="ObjectDisposedException">The reader was disposed.</exception>
    public Task<ChangeBatch> NextAsync(CancellationToken stop) => LoopExtensions.RunAsync(loop, () => TakeAsync(stop));

    /// <summary>Ends the reader.</summary>
    public async ValueTask DisposeAsync() => await loop.RunAsync(CloseAsync);

    internal void Add(Torrent torrent, TorrentSlices slices, TorrentEvent? happened)
    {
        if (known.Add(torrent))
        {
            torrent.Watch(watched, 1);
        }
        if ((slices & watched) is not TorrentSlices.None and var wanted)
        {
            changed[torrent] = changed.GetValueOrDefault(torrent) | wanted;
        }
        if (happened is not null)
        {
            if (events.Count >= EngineLimits.MaxPendingEvents)
            {
                events.Dequeue();
                droppedEvents++;
            }
            events.Enqueue((torrent, happened));
        }
        if (HasChanges)
        {
            waiting?.TrySetResult();
        }
    }

    internal void AddRemoved(Torrent torrent)
    {
        known.Remove(torrent);
        changed.Remove(torrent);
        removed.Add(torrent);
        waiting?.TrySetResult();
    }

    private Task CloseAsync()
    {
        isDisposed = true;
        stream.Remove(this);
        foreach (var torrent in known)
        {
            torrent.Watch(watched, -1);
        }
        waiting?.TrySetResult();
        return Task.CompletedTask;
    }

    private async Task<ChangeBatch> TakeAsync(CancellationToken stop)
    {
        while (!HasChanges)
        {
            ObjectDisposedException.ThrowIf(isDisposed, this);
            waiting = new TaskCompletionSource();
            await waiting.Task.WaitAsync(stop);
        }
        var torrents = changed.Select(entry => new TorrentChange(entry.Key, entry.Value)).ToArray();
        var batch = new ChangeBatch(stream.Version, torrents, [.. removed], [.. events], droppedEvents);
        changed.Clear();
        removed.Clear();
        events.Clear();
        droppedEvents = 0;
        return batch;
    }
}

/// <summary>What changed since the last read.</summary>
/// <param name="Version">The version of the latest change; a new reader can continue after it.</param>
/// <param name="Torrents">The torrents that changed, each once; their properties have the latest state.</param>
/// <param name="Removed">The torrents that were removed.</param>
/// <param name="Events">What happened, oldest first.</param>
/// <param name="DroppedEvents">Events that were dropped because the reader was too slow.</param>
public sealed record ChangeBatch(
    long Version,
    IReadOnlyList<TorrentChange> Torrents,
    IReadOnlyList<Torrent> Removed,
    IReadOnlyList<(Torrent Torrent, TorrentEvent Event)> Events,
    int DroppedEvents
);

/// <param name="Torrent">The torrent.</param>
/// <param name="Slices">The parts that changed.</param>
public readonly record struct TorrentChange(Torrent Torrent, TorrentSlices Slices);
