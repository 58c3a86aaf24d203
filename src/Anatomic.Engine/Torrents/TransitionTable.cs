namespace Anatomic.Engine.Torrents;

/// <summary>The states that may follow each state of a torrent.</summary>
internal static class TransitionTable
{
    private static readonly TorrentState[] Running =
    [
        TorrentState.Metadata,
        TorrentState.Checking,
        TorrentState.Downloading,
        TorrentState.Seeding,
    ];

    private static readonly TorrentState[] Resting = [TorrentState.Stopped, TorrentState.Queued, TorrentState.Faulted];

    /// <summary>Whether a torrent may go from one state to the other.</summary>
    public static bool Allows(TorrentState from, TorrentState to) =>
        from switch
        {
            // Data is checked before it is transferred, after every rest.
            TorrentState.Stopped or TorrentState.Queued or TorrentState.Faulted => Resting.Contains(to)
                || to is TorrentState.Metadata or TorrentState.Checking or TorrentState.Moving,
            TorrentState.Metadata => Resting.Contains(to) || to is TorrentState.Checking,
            TorrentState.Checking => Resting.Contains(to)
                || to is TorrentState.Downloading or TorrentState.Seeding or TorrentState.Checking,
            TorrentState.Downloading or TorrentState.Seeding => Resting.Contains(to)
                || to
                    is TorrentState.Downloading
                        or TorrentState.Seeding
                        or TorrentState.Checking
                        or TorrentState.Moving,
            TorrentState.Moving => Resting.Contains(to)
                || to is TorrentState.Checking or TorrentState.Downloading or TorrentState.Seeding,
            _ => false,
        };

    /// <summary>Whether the torrent has connections and announces itself in this state.</summary>
    public static bool IsRunning(TorrentState state) => Running.Contains(state);
}
