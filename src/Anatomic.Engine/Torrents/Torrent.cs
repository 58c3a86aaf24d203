using Anatomic.Wire.Metainfo;

namespace Anatomic.Engine.Torrents;

/// <summary>A torrent of a running session. Every member may be called from any thread.</summary>
public sealed class Torrent
{
    internal Torrent(TorrentStatus status) => Status = status;

    /// <summary>The latest snapshot.</summary>
    public TorrentStatus Status { get; internal set; }

    /// <summary>Null while a magnet's metadata is not known; without piece layers until those are fetched.</summary>
    public TorrentMetainfo? Metainfo { get; internal set; }

    /// <summary>
    /// Ends when every wanted piece is verified, written and flushed; fails with <see cref="EngineException"/> when the torrent
    /// cannot go on; is cancelled when it is stopped before.
    /// </summary>
    public Task Completed => throw new NotSupportedException();

    /// <summary>Says <c>stopped</c> to the trackers, closes the peers, flushes and remembers what is had.</summary>
    public Task StopAsync() => throw new NotSupportedException();
}
