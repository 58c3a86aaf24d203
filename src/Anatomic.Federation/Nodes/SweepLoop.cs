using Anatomic.Federation.Orders;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Federation.Nodes;

/// <summary>
/// Drops plants that had no peer for too long or that the operator denies now, deletes tombstones after 400 days, and
/// stores when plants were last used. It visits the ledger in slices.
/// </summary>
internal sealed class SweepLoop(NodeCore core, PlantHandler plants)
{
    /// <summary>Stored plants read and written together. They are in memory meanwhile.</summary>
    private const int PlantsPerWrite = 256;

    private static readonly long DayMs = (long)TimeSpan.FromDays(1).TotalMilliseconds;

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(FederationLimits.NodeSweepInterval, core.World.Clock, stop);
            try
            {
                for (var row = 0; row < core.Ledger.Rows; row += FederationLimits.OrdersPerSlice)
                {
                    var until = Math.Min(core.Ledger.Rows, row + FederationLimits.OrdersPerSlice);
                    await SweepAsync(row, until, stop);
                    await Task.Yield();
                }
            }
            catch (DiskException failure)
            {
                // The next sweep tries again.
                core.Events.StoreFailed(failure);
            }
        }
    }

    /// <summary>A partner reports peers for the plant in this row of the ledger, so the plant is in use.</summary>
    public void PeersSeen(int row) => PeersSeen(row, core.Now.ToUnixTimeMilliseconds());

    // A precision of one day is enough; the next sweep stores it.
    private void PeersSeen(int row, long at)
    {
        if (at - core.Ledger.LastPeerOf(row) > DayMs)
        {
            core.Ledger.MarkPeerSeen(row, at);
        }
    }

    private async Task SweepAsync(int from, int until, CancellationToken stop)
    {
        var now = core.Now.ToUnixTimeMilliseconds();
        var forgotten = new List<PlantEntry>();
        var dropped = new List<(PlantEntry Entry, EndReason Reason)>();
        var unsaved = new List<Hash32>();
        for (var row = from; row < until; row++)
        {
            if (core.Ledger[row].IsLive)
            {
                if (CheckEnd(row, now) is { } reason)
                {
                    dropped.Add((core.Ledger.EntryAt(row), reason));
                }
                else if (core.Ledger[row].IsUnsaved)
                {
                    unsaved.Add(core.Ledger[row].Digest);
                }
            }
            else if (core.Ledger[row].IsInUse && IsOld(row, now))
            {
                forgotten.Add(core.Ledger.EntryAt(row));
            }
        }
        if (forgotten.Count > 0)
        {
            // No await in between: the deletions and the ledger's fingerprint go into the same commit.
            forgotten.ForEach(core.Ledger.Forget);
            await core.Store.ForgetAsync(forgotten);
        }
        foreach (var (entry, reason) in dropped)
        {
            await plants.DropAsync(entry, reason, stop);
        }
        foreach (var orders in unsaved.Chunk(PlantsPerWrite))
        {
            await SaveLastPeersAsync(orders, stop);
        }
    }

    private bool IsOld(int row, long now) =>
        now - core.Ledger.SinceOf(row) > (long)FederationLimits.TombstoneLifetime.TotalMilliseconds;

    /// <summary>Why an order must be dropped now; null: it stays. Also notes when a client last announced.</summary>
    private EndReason? CheckEnd(int row, long now)
    {
        var swarms = core.Ledger.SwarmsOf(row);
        var announced = 0L;
        for (var i = 0; i < swarms.Count; i++)
        {
            if (core.Options.IsDenied(swarms[i]))
            {
                return EndReason.Denied;
            }
            announced = Math.Max(announced, core.Swarms.LastAnnounce(swarms[i]).ToUnixTimeMilliseconds());
        }
        if (now - Math.Max(announced, core.Ledger.LastPeerOf(row)) > (long)core.Options.PlantIdle.TotalMilliseconds)
        {
            return EndReason.Expired;
        }
        PeersSeen(row, announced);
        return null;
    }

    private async Task SaveLastPeersAsync(Hash32[] orders, CancellationToken stop)
    {
        var stored = new List<StoredPlant>();
        foreach (var order in orders)
        {
            if (await core.Store.ReadAsync(order, stop) is { } plant)
            {
                stored.Add(plant);
            }
        }
        // No await in between: an order that changed during the reads is stored by whoever changed it.
        var changed = new List<StoredPlant>();
        foreach (var plant in stored)
        {
            if (core.Ledger.Find(plant.Entry.Digest) is { IsLive: true } entry && entry.Seq == plant.Entry.Seq)
            {
                core.Ledger.MarkUnsaved(core.Ledger.RowOf(entry.Digest), false);
                changed.Add(plant with { Entry = entry });
            }
        }
        if (changed.Count > 0)
        {
            await core.Store.SaveAsync(changed, () => MarkUnsaved(changed));
        }
    }

    private void MarkUnsaved(List<StoredPlant> plants)
    {
        foreach (var plant in plants)
        {
            if (core.Ledger.RowOf(plant.Entry.Digest) is >= 0 and var row)
            {
                core.Ledger.MarkUnsaved(row, true);
            }
        }
    }
}
