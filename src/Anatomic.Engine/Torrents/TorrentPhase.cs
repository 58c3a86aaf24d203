namespace Anatomic.Engine.Torrents;

/// <summary>
/// The state of a torrent. Each state is a type that owns what it needs. <see cref="TransitionTable"/> says which may
/// follow which.
/// </summary>
internal abstract class TorrentPhase
{
    public abstract TorrentState State { get; }

    /// <summary>
    /// Ends the phase's work and closes what it owns; called once, after another phase took its place.
    /// </summary>
    public virtual Task CloseAsync() => Task.CompletedTask;
}

/// <summary>Stopped by the user or a goal, or waiting for the queue.</summary>
internal sealed class RestPhase(TorrentState state) : TorrentPhase
{
    public override TorrentState State => state;
}

/// <summary>Cannot continue.</summary>
/// <param name="reason">Why, for the user.</param>
/// <param name="retryAt">When to try again; null: only when the user says so.</param>
internal sealed class FaultPhase(string reason, DateTimeOffset? retryAt) : TorrentPhase
{
    public override TorrentState State => TorrentState.Faulted;
    public string Reason => reason;
    public DateTimeOffset? RetryAt => retryAt;
}

/// <summary>Downloads metadata or piece layers from peers.</summary>
internal sealed class MetadataPhase : TorrentPhase
{
    public override TorrentState State => TorrentState.Metadata;
}

/// <summary>
/// Seeds with no peer connected. Only the trackers are announced to; metainfo and storage are loaded again when a peer
/// comes.
/// </summary>
internal sealed class IdlePhase : TorrentPhase
{
    public override TorrentState State => TorrentState.Seeding;
}
