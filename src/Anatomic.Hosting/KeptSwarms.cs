using Anatomic.Tracker;
using Anatomic.World;

namespace Anatomic.Hosting;

/// <summary>The swarms between a planned end and the next start. Without them a node works as well, only emptier for a while.</summary>
internal sealed class KeptSwarms(IDisk disk, string? path, TrackerService tracker, Action<string> remark)
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
                remark($"{path} is not used, {fault}: the node starts without the peers of before");
            }
        }
        catch (DiskException fault)
        {
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
        }
        catch (DiskException fault)
        {
            remark($"the peers are not kept for the next start: {fault.Message}");
        }
    }
}
