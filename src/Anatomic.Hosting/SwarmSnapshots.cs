using Anatomic.Tracker;
using Anatomic.World;

namespace Anatomic.Hosting;

/// <summary>
/// Keeps the swarms across a planned restart. A node works without them, too: clients announce again within the
/// interval.
/// </summary>
/// <param name="remark">Receives the path and the cause of a failure, which the event log cannot hold.</param>
internal sealed class SwarmSnapshots(
    IDisk disk,
    string? path,
    TrackerService tracker,
    HostEvents events,
    Action<string> remark
)
{
    /// <summary>Call it once the plants are admitted, before the first request is answered.</summary>
    public async Task LoadAsync(CancellationToken stop)
    {
        if (path is null)
        {
            return;
        }
        try
        {
            var result = await tracker.LoadAsync(disk, path, stop);
            if (result.Fault is { } fault)
            {
                events.SnapshotRejected();
                remark($"{path} was ignored, because {fault}; the node starts without its earlier peers");
            }
            else
            {
                events.SnapshotLoaded(result.Peers);
            }
        }
        catch (DiskException fault)
        {
            events.SnapshotRejected();
            remark($"the node starts without its earlier peers: {fault.Message}");
        }
    }

    /// <summary>Saves the swarms; a failure is reported, not thrown.</summary>
    public async Task SaveAsync()
    {
        if (path is null)
        {
            return;
        }
        try
        {
            await tracker.SaveAsync(disk, path, CancellationToken.None);
            var statistics = tracker.ReadStatistics();
            events.SnapshotSaved(statistics.Seeds + statistics.Leechers);
        }
        catch (DiskException fault)
        {
            events.SnapshotSaveFailed();
            remark($"the peers could not be saved for the next start: {fault.Message}");
        }
    }
}
