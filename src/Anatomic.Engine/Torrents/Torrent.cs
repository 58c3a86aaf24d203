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

    /// <summary>The latest status.</summary>
    public TorrentStatus Status
    {
        get => status;
        internal set => status = value;
    }

    /// <summary>
    /// The torrent's metainfo. Null until a magnet link's metadata is downloaded; v2 piece layers may follow later.
    /// </summary>
    public TorrentMetainfo? Metainfo
    {
        get => metainfo;
        internal set => metainfo = value;
    }

    /// <summary>
    /// Completes when every wanted piece is verified, written and flushed, or, for a torrent that only seeds, when it
    /// is checked. Fails with <see cref="EngineException"/> when the torrent cannot continue. Cancelled when the
    /// torrent is stopped before.
    /// </summary>
    public Task Completed => core.Completed;

    /// <summary>
    /// Sends <c>stopped</c> to the trackers, closes the connections, flushes the data and saves the resume data.
    /// </summary>
    public Task StopAsync() => core.Loop.RunAsync(core.StopAsync);

    internal void Tick(ILoop loop, DateTimeOffset now)
    {
        if (core.Loop == loop)
        {
            core.Tick(now);
        }
    }
}
