using Anatomic.Federation.Orders;
using Anatomic.Federation.Sharing;
using Anatomic.Federation.Supernodes;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Nodes;

/// <summary>Asks about silent partners, carries orders into gaps, and gives up what has one holder too many.</summary>
internal sealed class RepairLoop(NodeCore core, PlantHandler desk)
{
    private readonly OrderImporter learner = new(core, desk);

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(SharingLimits.ReviewEvery, core.World.Clock, stop);
            try
            {
                await ReviewAsync(stop);
            }
            catch (DiskException failure)
            {
                // The next review tries again.
                core.Events.StoreTrouble(failure);
            }
        }
    }

    private async Task ReviewAsync(CancellationToken stop)
    {
        foreach (var suspect in core.Watch.Suspects(core.Now))
        {
            var words = await core.Others.CheckLivenessAsync(suspect.Partner.Id, suspect.Swarm, stop);
            if (core.Watch.Hear(suspect, words, core.Now))
            {
                core.Counters.PartnersLost++;
                core.Events.Lost(suspect.Partner.Id);
            }
        }
        for (var row = 0; row < core.Ledger.Rows; row += FederationLimits.OrdersAtOnce)
        {
            await ReviewAsync(row, Math.Min(core.Ledger.Rows, row + FederationLimits.OrdersAtOnce), stop);
            await Task.Yield();
        }
    }

    private async Task ReviewAsync(int from, int until, CancellationToken stop)
    {
        foreach (var (entry, candidates) in core.Watch.Gaps(from, until, core.Now))
        {
            await FillAsync(entry, candidates, stop);
            await Task.Delay(TimeSpan.FromSeconds(1.0 / FederationLimits.CarriesPerSecond), core.World.Clock, stop);
        }
        foreach (var entry in core.Watch.Surplus(from, until, core.Now))
        {
            await desk.DropAsync(entry, EndReason.Surplus, stop);
        }
    }

    private async Task FillAsync(PlantEntry entry, IReadOnlyList<Partner> candidates, CancellationToken stop)
    {
        var live = await core.Others.FindAsync(entry.FirstSwarm, [.. candidates.Select(one => one.Id)], stop);
        foreach (var record in live)
        {
            core.Book.Learn(record);
        }
        if (await desk.BodyAsync(entry.Digest, stop) is not { } order)
        {
            return;
        }
        foreach (var candidate in candidates)
        {
            var isLive = live.Any(record => record.Signer == candidate.Id) || candidate.Answers(core.Now);
            if (!isLive || candidate.Record is null || core.Book.StateOf(candidate, entry.Digest) is null)
            {
                continue;
            }
            if (await CarryAsync(entry, order, candidate, stop))
            {
                return;
            }
        }
    }

    /// <summary>True when nobody else needs to be tried now: it was taken, or the order has ended.</summary>
    private async Task<bool> CarryAsync(PlantEntry entry, SignedItem order, Partner candidate, CancellationToken stop)
    {
        var record = candidate.Record!.Item;
        var carry = core.Signer.Sign(new Carry(entry.Digest, candidate.Id, core.Signer.NextSequence(core.Now)));
        var ask = new OutboundRequest
        {
            Method = "POST",
            Url = new Uri(record.Urls[0], "plant"),
            Body = new PlantSubmission(order, carry.Envelope).Write(),
        };
        core.Counters.Carries++;
        HttpResponse reply;
        try
        {
            reply = (await core.Http.SendToAsync(ask, Member.AddressOf(record), stop)).Response;
        }
        catch (NetworkException)
        {
            Avoid(candidate, entry, SharingLimits.AvoidUnreachable);
            return false;
        }
        if (reply.Status == 200)
        {
            core.Book.TakesPart(candidate, entry.Digest, core.Now);
            core.Events.Carried(entry, candidate.Id);
            return true;
        }
        Avoid(candidate, entry, SharingLimits.AvoidRefusing);
        if (reply.Status == 409 && PlantConflict.TryRead(reply.Body, out var conflict, out _))
        {
            if (conflict.Unplant is not null)
            {
                await desk.LearnAsync(conflict.Unplant, stop);
            }
            if (conflict.Order is not null)
            {
                await learner.LearnNewerAsync(entry, conflict.Order, stop);
            }
        }
        return core.Ledger.Find(entry.Digest) is not { IsLive: true };
    }

    private void Avoid(Partner candidate, PlantEntry entry, TimeSpan time) =>
        core.Book.Avoid(candidate, entry.Digest, core.Now + time, core.Now);
}
