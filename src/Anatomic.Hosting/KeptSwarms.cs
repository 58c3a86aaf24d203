using Anatomic.Tracker;
using Anatomic.World;

namespace Anatomic.Hosting;

/// <summary>The swarms between a planned end and the next start. Without them a node works as well, only emptier for a while.</summary>
/// <param name="journal">Is told that it happened; it has no place for the path and the cause.</param>
/// <param name="remark">Gets those.</param>
internal sealed class KeptSwarms(
    IDisk disk,
    string? path,
    TrackerService tracker,
    HostJournal journal,
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
                journal.SnapshotRefused();
                remark($"{path} is not used, {fault}: the node starts without the peers of before");
            }
            else
            {
                journal.SnapshotLoaded(load.Peers);
            }
        }
        catch (DiskException fault)
        {
            journal.SnapshotRefused();
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
            var figures = tracker.Figures();
            journal.SnapshotSaved(figures.Seeds + figures.Leeches);
        }
        catch (DiskException fault)
        {
            journal.SnapshotNotSaved();
            remark($"the peers are not kept for the next start: {fault.Message}");
        }
    }
}
