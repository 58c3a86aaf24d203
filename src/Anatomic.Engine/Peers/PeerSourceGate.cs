namespace Anatomic.Engine.Peers;

/// <summary>
/// Decides from which sources a torrent takes peers, and which sources it asks. A private torrent (BEP 27) asks nobody
/// but its own trackers, and uses no other addresses: whatever else knows the torrent must not learn who has it. The
/// user's own decision stands above that. Every source of addresses passes this gate; a source that the rule does not
/// name is closed to private torrents.
/// </summary>
internal sealed class PeerSourceGate
{
    /// <summary>
    /// Whether the torrent is private. False for a magnet link until its metadata is known; then the holder drops what
    /// came from sources that are closed now.
    /// </summary>
    public bool IsPrivate { get; set; }

    /// <summary>Whether the source may be asked, and its addresses used.</summary>
    public bool Allows(PeerSource source) =>
        !IsPrivate || source is PeerSource.Tracker or PeerSource.Incoming or PeerSource.User;
}
