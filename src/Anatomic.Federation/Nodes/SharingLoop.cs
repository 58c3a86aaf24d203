using Anatomic.Federation.Sharing;
using Anatomic.Federation.Supernodes;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Nodes;

/// <summary>Moves batches to the partners and looks for the records of those whose url is not known yet.</summary>
internal sealed class SharingLoop(NodeCore core, PlantHandler desk)
{
    /// <summary>Posts under way at once: more would only queue in the network.</summary>
    private const int MaxPosts = 64;

    private readonly List<Task> posts = [];
    private Task finding = Task.CompletedTask;

    public async Task RunAsync(CancellationToken stop)
    {
        var nextFind = core.Now;
        try
        {
            while (!stop.IsCancellationRequested)
            {
                await Task.Delay(FederationLimits.DrainEvery, core.World.Clock, stop);
                core.Book.Drain(core.Now);
                posts.RemoveAll(post => post.IsCompleted);
                foreach (var partner in core.Book.Due(core.Now).Take(MaxPosts - posts.Count))
                {
                    posts.Add(PostAsync(partner, stop));
                }
                if (core.Now >= nextFind && finding.IsCompleted)
                {
                    finding = FindAsync(stop);
                    nextFind = core.Now + SharingLimits.FindEvery / 4;
                }
            }
        }
        finally
        {
            await Task.WhenAll([.. posts, finding]);
        }
    }

    private async Task PostAsync(Partner partner, CancellationToken stop)
    {
        var record = partner.Record!.Item;
        var own = core.Registration.Record;
        var isNews = own is not null && own.Item.Seq > partner.RecordSent;
        var now = core.Now;
        var batch = core.Signer.Sign(
            new PeerBatch
            {
                To = partner.Id,
                Boot = core.Boot,
                Seq = core.Signer.NextSequence(now),
                At = now.ToUnixTimeMilliseconds(),
                Shares = core.Book.Take(partner, now),
            }
        );
        var ask = new OutboundRequest
        {
            Method = "POST",
            Url = new Uri(record.Urls[0], "peers"),
            Body = new PeersRequest(batch.Envelope, isNews ? own!.Envelope : null).Write(),
            MaxResponseBytes = NetworkLimits.MaxBatchBytes,
        };
        try
        {
            var received = await core.Http.SendToAsync(ask, Member.AddressOf(record), stop);
            if (
                received.Response.Status != 200
                || !PeersResponse.TryRead(received.Response.Body, out var answer, out _)
            )
            {
                Fail(partner);
                return;
            }
            core.Counters.BatchesSent++;
            core.Book.Sent(partner, answer, core.Now);
            if (isNews)
            {
                partner.RecordSent = own!.Item.Seq;
            }
            foreach (var unplant in answer.Unplants)
            {
                await desk.LearnAsync(unplant, stop);
            }
        }
        catch (Exception failure) when (failure is NetworkException or OperationCanceledException or DiskException)
        {
            Fail(partner);
        }
    }

    private void Fail(Partner partner)
    {
        core.Counters.BatchesFailed++;
        if (partner.IsInFlight)
        {
            core.Book.Failed(partner, core.Now);
        }
    }

    // One order's candidates at a time, for its supernodes know them best.
    private async Task FindAsync(CancellationToken stop)
    {
        var now = core.Now;
        var missing = core.Book.Partners.Where(partner => IsMissing(partner, now)).Take(SharingLimits.FindsAtOnce);
        foreach (var partner in missing.ToArray())
        {
            if (partner.LookedFor + SharingLimits.FindEvery > now || core.Book.SampleOf(partner) is not { } entry)
            {
                continue;
            }
            var asked = entry.Candidates.Where(id => core.Book.Find(id) is { } one && IsMissing(one, now));
            var ids = asked.ToArray();
            foreach (var id in ids)
            {
                core.Book.Find(id)!.LookedFor = now;
            }
            try
            {
                foreach (var record in await core.Others.FindAsync(entry.FirstSwarm, ids, stop))
                {
                    core.Book.Learn(record);
                }
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    // A partner that does not answer may have moved: its record is looked for again.
    private static bool IsMissing(Partner partner, DateTimeOffset now) =>
        (partner.Record is null || partner.Failures >= 3) && partner.LookedFor + SharingLimits.FindEvery <= now;
}
