using Anatomic.Wire.Metainfo;
using Anatomic.World;

namespace Anatomic.Engine.Torrents;

/// <summary>A torrent of a running session. Every member may be called from any thread.</summary>
public sealed class Torrent
{
    private readonly TorrentCore core;
    private volatile TorrentStatus status;
    private volatile TorrentMetainfo? metainfo;

    internal Torrent(TorrentCore core, TorrentStatus status)
    {
        this.core = core;
        this.status = status;
    }

    /// <summary>The latest snapshot.</summary>
    public TorrentStatus Status
    {
        get => status;
        internal set => status = value;
    }

    /// <summary>Null while a magnet's metadata is not known; without piece layers until those are fetched.</summary>
    public TorrentMetainfo? Metainfo
    {
        get => metainfo;
        internal set => metainfo = value;
    }

    /// <summary>
    /// Ends when every wanted piece is verified, written and flushed (of a torrent that is only seeded: when it is checked);
    /// fails with <see cref="EngineException"/> when the torrent cannot go on; is cancelled when it is stopped before.
    /// </summary>
    public Task Completed => core.Completed;

    /// <summary>Says <c>stopped</c> to the trackers, closes the peers, flushes and remembers what is had.</summary>
    public Task StopAsync() => core.Loop.RunAsync(core.StopAsync);

    internal void Tick(ILoop loop, DateTimeOffset now)
    {
        if (core.Loop == loop)
        {
            core.Tick(now);
        }
    }
}
