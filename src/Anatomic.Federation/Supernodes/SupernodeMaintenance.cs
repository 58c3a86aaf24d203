using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Supernodes;

/// <summary>
/// A supernode's background work, started every second when it is due: polls of members, exchanges of records, the
/// supernode's own record, and the sweep of its store.
/// </summary>
internal sealed class SupernodeMaintenance(
    SupernodeCore core,
    MemberProber prober,
    ManifestFollower follower,
    ExchangeHandler exchanges
)
{
    private const int RandomExchanges = 3;
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private readonly List<Task> inFlight = [];
    private DateTimeOffset nextExchange;
    private DateTimeOffset nextOwnRecord;
    private DateTimeOffset nextSweep;
    private bool isExchanging;

    public async Task RunAsync(CancellationToken stop)
    {
        nextSweep = core.Now + FederationLimits.SupernodeSweepInterval;
        try
        {
            while (!stop.IsCancellationRequested)
            {
                await StepAsync(stop);
                await Task.Delay(Tick, core.World.Clock, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The supernode stops.
        }
        await Task.WhenAll(inFlight);
    }

    private async Task StepAsync(CancellationToken stop)
    {
        inFlight.RemoveAll(task => task.IsCompletedSuccessfully);
        foreach (var failed in inFlight.Where(task => task.IsFaulted))
        {
            await failed;
        }
        core.Index.Expire(core.Now);
        core.Events.SetIsolated(core.Directory.IsIsolated);
        foreach (var member in core.Directory.StartDuePolls(core.Now, FreePolls))
        {
            inFlight.Add(PollAsync(member, stop));
        }
        if (exchanges.CandidateCount > 0 && FreePolls > 0)
        {
            inFlight.Add(exchanges.PollCandidatesAsync(FreePolls, stop));
        }
        if (!isExchanging && core.Now >= nextExchange)
        {
            nextExchange = core.Now + FederationLimits.ExchangeInterval;
            inFlight.Add(ExchangeWithAllAsync(stop));
        }
        if (core.Now >= nextSweep)
        {
            nextSweep = core.Now + FederationLimits.SupernodeSweepInterval;
            try
            {
                await SweepAsync(stop);
            }
            catch (DiskException failure)
            {
                // The next sweep tries again.
                core.Events.StoreFailed(failure);
            }
        }
    }

    private int FreePolls => FederationLimits.MaxConcurrentPolls - inFlight.Count;

    private async Task PollAsync(Member member, CancellationToken stop)
    {
        var answers = member.Answers;
        try
        {
            if (member.Role == NodeRole.Node)
            {
                await follower.FollowAsync(member, stop);
            }
            else
            {
                var proof = await prober.ProveAsync(member.Record, 0, 0, stop);
                core.Directory.RecordAnswer(member, core.Now, core.Entropy);
                await follower.RefreshRecordAsync(member, proof.Head, stop);
            }
            core.Counters.PollsAnswered++;
        }
        catch (NetworkException)
        {
            core.Counters.PollsMissed++;
            // A member that answered and failed later is alive; the next poll brings the rest.
            if (member.Answers == answers)
            {
                RecordMiss(member);
            }
        }
        catch (DiskException failure)
        {
            core.Events.StoreFailed(failure);
            // The store is a cache, so a full disk must not stop the answers. What was not stored is read again.
            core.CursorOf(member.Id).Distrust();
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The supernode stops.
        }
        finally
        {
            member.IsPolling = false;
        }
    }

    private void RecordMiss(Member member)
    {
        var before = core.Directory.LivenessOf(member, core.Now);
        core.Directory.RecordMiss(member, core.Now, core.Entropy);
        if (before != Liveness.Dead && core.Directory.LivenessOf(member, core.Now) == Liveness.Dead)
        {
            core.Events.MemberDead(member.Id, member.Role);
        }
    }

    private async Task ExchangeWithAllAsync(CancellationToken stop)
    {
        isExchanging = true;
        try
        {
            await EnsureOwnRecordAsync(stop);
            var sendsOwnRecord = core.Now >= nextOwnRecord;
            foreach (var text in core.Options.Peers)
            {
                if (await TryPeerAsync(text, stop) is { } peer)
                {
                    await ExchangeWithAsync(peer, sendsOwnRecord, isTrusted: true, stop);
                }
            }
            nextOwnRecord = sendsOwnRecord ? core.Now + FederationLimits.OwnRecordInterval : nextOwnRecord;
            var others = core
                .Directory.Live(NodeRole.Supernode, core.Now)
                .Where(member => core.Directory.LivenessOf(member, core.Now) == Liveness.Alive)
                .ToArray();
            core.Entropy.Shuffle(others.AsSpan());
            foreach (var member in others.Take(RandomExchanges))
            {
                var peer = new ExchangePeer(member.Record.Item.Urls[0], member.Id, member.Address);
                await ExchangeWithAsync(peer, sendsOwnRecord, isTrusted: false, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The supernode stops.
        }
        finally
        {
            isExchanging = false;
        }
    }

    private async Task ExchangeWithAsync(ExchangePeer peer, bool sendsOwnRecord, bool isTrusted, CancellationToken stop)
    {
        try
        {
            if (sendsOwnRecord && core.OwnRecord is { } own)
            {
                var request = new OutboundRequest
                {
                    Method = "POST",
                    Url = new Uri(peer.Url, "record"),
                    Body = own.Raw,
                };
                await core.Http.SendAsync(request, stop);
            }
            await exchanges.RequestAsync(peer, isTrusted, stop);
        }
        catch (NetworkException)
        {
            // The next exchange tries again.
        }
    }

    /// <summary>
    /// A peer that the operator named. If it was given with an id, it must prove it in each round for its reports to
    /// count.
    /// </summary>
    private async Task<ExchangePeer?> TryPeerAsync(string text, CancellationToken stop)
    {
        var mark = text.IndexOf('#', StringComparison.Ordinal);
        if (!BaseUrl.TryParse(mark < 0 ? text : text[..mark], out var url, out _))
        {
            return null;
        }
        if (mark < 0 || !NodeId.TryParse(text.AsSpan(mark + 1), out var id) || id == core.Id)
        {
            return new ExchangePeer(url, null, null);
        }
        try
        {
            return await core.Challenge.VerifyAsync(url, id, stop) ? new ExchangePeer(url, id, null) : null;
        }
        catch (NetworkException)
        {
            return null;
        }
    }

    /// <summary>Signs the supernode's own record, once its host name can be resolved.</summary>
    private async Task EnsureOwnRecordAsync(CancellationToken stop)
    {
        if (core.OwnRecord is not null || core.Options.PublicUrl is not { } url)
        {
            return;
        }
        try
        {
            var addresses = await core.World.Network.ResolveAsync(url.IdnHost.Trim('[', ']'), stop);
            core.OwnRecord = core.Signer.Sign(
                new NodeRecord
                {
                    Role = NodeRole.Supernode,
                    Urls = [url.AbsolutePath.EndsWith('/') ? url : new Uri(url.AbsoluteUri + "/")],
                    Addresses =
                    [
                        .. addresses
                            .Take(NetworkLimits.MaxAddresses)
                            .Select(address => Endpoint.From(address, url.Port)),
                    ],
                    Seq = core.Signer.NextSequence(core.Now),
                    Work = 0,
                    Software = core.Options.Software,
                }
            );
        }
        catch (NetworkException)
        {
            // The next round tries again.
        }
    }

    /// <summary>Forgets members dead for too long, and deletes stored orders without a holder.</summary>
    private async Task SweepAsync(CancellationToken stop)
    {
        var batch = new StoreBatch();
        foreach (var id in core.Directory.Expired(core.Now))
        {
            core.Directory.Forget(id);
            core.Cursors.Remove(id);
            core.Index.KeepOnly(id, new HashSet<ulong>());
            SupernodeStore.DeleteMember(batch, id);
            await core.Store.DropHeldAsync(batch, id, new HashSet<ulong>(), stop);
        }
        var old = core.Now - FederationLimits.SupernodeSweepInterval;
        await foreach (var stored in core.Store.OrdersAsync(core.Network.Name, stop))
        {
            var order = stored.Order;
            if (stored.FirstSeen < old && !order.Item.Swarms.Any(swarm => core.Index.IsHeld(order.Digest, swarm)))
            {
                SupernodeStore.DeleteOrder(batch, order.Digest);
            }
        }
        foreach (var member in core.Directory.All)
        {
            SupernodeStore.PutMember(batch, member);
        }
        await core.Store.CommitAsync(batch, stop);
    }
}
