using Anatomic.Federation.Orders;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Federation.Nodes;

/// <summary>
/// Gives up plants that have been without a peer for too long or that the operator refuses now, forgets tombstones after 400 days,
/// and writes down when plants were last in use. A slice of the ledger at a time.
/// </summary>
internal sealed class SweepLoop(NodeCore core, PlantHandler desk)
{
    /// <summary>Rows read and written together; their bodies are in memory for so long.</summary>
    private const int RowsWritten = 256;

    private static readonly long DayMs = (long)TimeSpan.FromDays(1).TotalMilliseconds;

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(FederationLimits.SweepEvery, core.World.Clock, stop);
            try
            {
                for (var row = 0; row < core.Ledger.Rows; row += FederationLimits.OrdersAtOnce)
                {
                    await SweepAsync(row, Math.Min(core.Ledger.Rows, row + FederationLimits.OrdersAtOnce), stop);
                    await Task.Yield();
                }
            }
            catch (DiskException failure)
            {
                // The next sweep tries again.
                core.Events.StoreTrouble(failure);
            }
        }
    }

    /// <summary>A partner tells of peers: the plant, in this row of the ledger, is in use.</summary>
    public void PeersSeen(int row) => PeersSeen(row, core.Now.ToUnixTimeMilliseconds());

    // To the day is enough; the store is told with the next sweep.
    private void PeersSeen(int row, long at)
    {
        if (at - core.Ledger.LastPeerOf(row) > DayMs)
        {
            core.Ledger.SawPeer(row, at);
        }
    }

    private async Task SweepAsync(int from, int until, CancellationToken stop)
    {
        var now = core.Now.ToUnixTimeMilliseconds();
        var forgotten = new List<PlantEntry>();
        var given = new List<(PlantEntry Entry, EndReason Why)>();
        var unsaved = new List<Hash32>();
        for (var row = from; row < until; row++)
        {
            if (core.Ledger[row].IsLive)
            {
                if (EndOf(row, now) is { } why)
                {
                    given.Add((core.Ledger.EntryAt(row), why));
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
            // One step: the rows and what the ledger says of them are written together.
            forgotten.ForEach(core.Ledger.Forget);
            await core.Store.ForgetAsync(forgotten);
        }
        foreach (var (entry, why) in given)
        {
            await desk.DropAsync(entry, why, stop);
        }
        foreach (var together in unsaved.Chunk(RowsWritten))
        {
            await WriteAsync(together, stop);
        }
    }

    private bool IsOld(int row, long now) =>
        now - core.Ledger.SinceOf(row) > (long)FederationLimits.TombstoneAge.TotalMilliseconds;

    /// <summary>Why an order is to be given up now; null: it is not. Takes down that somebody has announced.</summary>
    private EndReason? EndOf(int row, long now)
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

    private async Task WriteAsync(Hash32[] orders, CancellationToken stop)
    {
        var rows = new List<StoredPlant>();
        foreach (var order in orders)
        {
            if (await core.Store.ReadAsync(order, stop) is { } row)
            {
                rows.Add(row);
            }
        }
        // One step again: what has changed while the rows were read is written by whoever changed it.
        var current = new List<StoredPlant>();
        foreach (var row in rows)
        {
            if (core.Ledger.Find(row.Entry.Digest) is { IsLive: true } entry && entry.Seq == row.Entry.Seq)
            {
                core.Ledger.MarkUnsaved(core.Ledger.RowOf(entry.Digest), false);
                current.Add(row with { Entry = entry });
            }
        }
        if (current.Count > 0)
        {
            await core.Store.SaveAsync(current, () => MarkAgain(current));
        }
    }

    private void MarkAgain(List<StoredPlant> rows)
    {
        foreach (var row in rows)
        {
            if (core.Ledger.RowOf(row.Entry.Digest) is >= 0 and var at)
            {
                core.Ledger.MarkUnsaved(at, true);
            }
        }
    }
}
