using Anatomic.Engine.Torrents;

namespace Anatomic.Engine.Sessions;

/// <summary>
/// The ordered stream of everything that changes in a session. Each change has a version, one higher than the one
/// before. Owned by the session's loop.
/// </summary>
internal sealed class ChangeStream
{
    private readonly List<ChangeReader> readers = [];
    private readonly Dictionary<Torrent, long> versions = [];

    // A reader that saw an older version may know torrents that were removed since.
    private long oldestResumable;

    /// <summary>The version of the latest change; 0 before the first.</summary>
    public long Version { get; private set; }

    public void Publish(Torrent torrent, TorrentSlices slices, TorrentEvent? happened)
    {
        versions[torrent] = ++Version;
        foreach (var reader in readers)
        {
            reader.Add(torrent, slices, happened);
        }
    }

    public void Remove(Torrent torrent)
    {
        Version++;
        versions.Remove(torrent);
        oldestResumable = Version;
        foreach (var reader in readers)
        {
            reader.AddRemoved(torrent);
        }
    }

    /// <summary>Adds a reader, which first receives every torrent that changed after a version.</summary>
    public void Add(ChangeReader reader, IEnumerable<Torrent> torrents, long after)
    {
        readers.Add(reader);
        foreach (var torrent in torrents)
        {
            if (
                versions.GetValueOrDefault(torrent) is var version
                && (after < oldestResumable || after == 0 || version > after)
            )
            {
                reader.Add(torrent, TorrentSlices.All, happened: null);
            }
        }
    }

    public void Remove(ChangeReader reader) => readers.Remove(reader);
}
