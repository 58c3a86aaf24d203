namespace Anatomic.Engine.Torrents;

/// <summary>Measures how long a torrent has been active and seeding since the session started it.</summary>
internal sealed class ActivityTimes
{
    private DateTimeOffset last;

    /// <summary>Time of downloading or seeding.</summary>
    public TimeSpan Active { get; private set; }

    /// <summary>Time of seeding.</summary>
    public TimeSpan Seeding { get; private set; }

    /// <summary>Counts the time since the last call for the state that the torrent has been in.</summary>
    public void Advance(DateTimeOffset now, TorrentState state)
    {
        if (last != default && now > last)
        {
            var elapsed = now - last;
            Active += state is TorrentState.Downloading or TorrentState.Seeding ? elapsed : TimeSpan.Zero;
            Seeding += state is TorrentState.Seeding ? elapsed : TimeSpan.Zero;
        }
        last = now;
    }
}
