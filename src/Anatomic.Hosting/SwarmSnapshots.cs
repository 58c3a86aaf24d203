using Anatomic.Tracker;
using Anatomic.World;

namespace Anatomic.Hosting;

/// <summary>The swarms between a planned end and the next start. Without them a node works as well, only emptier for a while.</summary>
/// <param name="events">Is told that it happened; it has no place for the path and the cause.</param>
/// <param name="remark">Gets those.</param>
internal sealed class SwarmSnapshots(
    IDisk disk,
    string? path,
    TrackerService tracker,
    HostEvents events,
    Action<string> remark
)
{
    /// <summary>Once the plants are admitted, before anybody is answered.</summary>
    public async Task LoadAsync(CancellationToken stop)
    {
        if (path is null)
        {
            return;
        }
        try
        {
            var load = await tracker.LoadAsync(disk, path, stop);
            if (load.Fault is { } fault)
            {
                events.SnapshotRefused();
                remark($"{path} is not used, {fault}: the node starts without the peers of before");
            }
            else
            {
                events.SnapshotLoaded(load.Peers);
            }
        }
        catch (DiskException fault)
        {
            events.SnapshotRefused();
            remark($"the node starts without the peers of before: {fault.Message}");
        }
    }

    public async Task SaveAsync()
    {
        if (path is null)
        {
            return;
        }
        try
        {
            await tracker.SaveAsync(disk, path, CancellationToken.None);
            var figures = tracker.ReadStatistics();
            events.SnapshotSaved(figures.Seeds + figures.Leechers);
        }
        catch (DiskException fault)
        {
            events.SnapshotNotSaved();
            remark($"the peers are not kept for the next start: {fault.Message}");
        }
    }
}
