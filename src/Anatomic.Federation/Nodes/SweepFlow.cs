using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Federation.Nodes;

/// <summary>
/// Gives up plants that have been without a peer for too long or that the operator refuses now, and forgets tombstones after
/// 400 days.
/// </summary>
internal sealed class SweepFlow(NodeCore core, PlantDesk desk)
{
    private static readonly long DayMs = (long)TimeSpan.FromDays(1).TotalMilliseconds;
    private readonly SortedSet<Hash32> amended = [];

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(FederationLimits.SweepEvery, core.World.Clock, stop);
            try
            {
                await SweepAsync(stop);
            }
            catch (DiskException failure)
            {
                // The next sweep tries again.
                core.Journal.StoreTrouble(failure);
            }
        }
    }

    /// <summary>A partner tells of peers: the plant is in use.</summary>
    public void PeersSeen(PlantEntry entry)
    {
        var now = core.Now.ToUnixTimeMilliseconds();
        // To the day is enough; the row follows with the next sweep.
        if (now - entry.LastPeer > DayMs)
        {
            core.Ledger.Amend(entry with { LastPeer = now });
            amended.Add(entry.Digest);
        }
    }

    private async Task SweepAsync(CancellationToken stop)
    {
        var now = core.Now.ToUnixTimeMilliseconds();
        var forgotten = new List<PlantEntry>();
        foreach (var entry in core.Ledger.All.ToArray())
        {
            if (!entry.IsLive)
            {
                if (now - entry.Since > (long)FederationLimits.TombstoneAge.TotalMilliseconds)
                {
                    forgotten.Add(entry);
                }
                continue;
            }
            var announced = entry.Order.Swarms.Max(core.Swarms.LastAnnounce);
            var last = Math.Max(entry.LastPeer, Math.Max(0, announced.ToUnixTimeMilliseconds()));
            if (entry.Order.Swarms.Any(core.Options.IsDenied))
            {
                await desk.DropAsync(entry, PlantEnd.Denied, stop);
            }
            else if (now - last > (long)core.Options.PlantIdle.TotalMilliseconds)
            {
                await desk.DropAsync(entry, PlantEnd.Expired, stop);
            }
            else if (last - entry.LastPeer > DayMs)
            {
                core.Ledger.Amend(entry with { LastPeer = last });
                amended.Add(entry.Digest);
            }
        }
        if (forgotten.Count > 0)
        {
            // One step: the rows and what the ledger says of them are written together.
            forgotten.ForEach(core.Ledger.Forget);
            await core.Store.ForgetAsync(forgotten);
        }
        await WriteAmendedAsync(stop);
    }

    private async Task WriteAmendedAsync(CancellationToken stop)
    {
        foreach (var order in amended.ToArray())
        {
            amended.Remove(order);
            if (
                core.Ledger.Find(order) is { IsLive: true } entry
                && await core.Store.ReadAsync(order, stop) is { } row
                && ReferenceEquals(core.Ledger.Find(order), entry)
            )
            {
                await core.Store.SaveAsync([row with { Entry = entry }], static () => { });
            }
        }
    }
}
