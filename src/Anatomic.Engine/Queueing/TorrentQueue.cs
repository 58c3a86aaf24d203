using Anatomic.Engine.Settings;

namespace Anatomic.Engine.Queueing;

/// <summary>
/// Decides which started torrents run: in the order of the queue, as far as the limits permit. Downloads come before
/// seeds. Forced torrents always run and count. Slow torrents that already run keep running and do not count, so that
/// they do not block others.
/// </summary>
internal static class TorrentQueue
{
    /// <summary>Returns the ids of the torrents that may run.</summary>
    /// <param name="entries">Every torrent that the user has started, in any order.</param>
    public static HashSet<int> Decide(QueueOptions limits, IReadOnlyCollection<QueueEntry> entries)
    {
        var admitted = new HashSet<int>();
        var (downloads, seeds) = (0, 0);
        foreach (var entry in entries.Where(entry => entry.IsForced || (entry.IsSlow && entry.WasAdmitted)))
        {
            admitted.Add(entry.Id);
            if (!entry.IsSlow)
            {
                Count(entry);
            }
        }
        foreach (var entry in entries.OrderBy(entry => entry.IsComplete).ThenBy(entry => entry.Position))
        {
            if (!admitted.Contains(entry.Id) && HasRoom(entry))
            {
                admitted.Add(entry.Id);
                Count(entry);
            }
        }
        return admitted;

        void Count(in QueueEntry entry) => _ = entry.IsComplete ? seeds++ : downloads++;

        bool HasRoom(in QueueEntry entry) =>
            IsBelow(downloads + seeds, limits.MaxActive)
            && (entry.IsComplete ? IsBelow(seeds, limits.MaxSeeds) : IsBelow(downloads, limits.MaxDownloads));
    }

    private static bool IsBelow(int count, int limit) => limit == 0 || count < limit;
}
