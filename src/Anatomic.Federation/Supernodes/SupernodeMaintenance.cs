using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Supernodes;

/// <summary>What a supernode does by itself: polls, exchanges, its own record, sweeping.</summary>
internal sealed class SupernodeMaintenance(
    SupernodeCore core,
    MemberProber prober,
    ManifestFollower follower,
    ExchangeHandler exchanges
)
{
    private const int ExchangesARound = 3;
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private readonly List<Task> underWay = [];
    private DateTimeOffset exchangeAt;
    private DateTimeOffset offerAt;
    private DateTimeOffset sweepAt;
    private bool exchanging;

    public async Task RunAsync(CancellationToken stop)
    {
        sweepAt = core.Now + SupernodeLimits.SweepEvery;
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
            // The usual end.
        }
        await Task.WhenAll(underWay);
    }

    private async Task StepAsync(CancellationToken stop)
    {
        underWay.RemoveAll(task => task.IsCompletedSuccessfully);
        foreach (var broken in underWay.Where(task => task.IsFaulted))
        {
            await broken;
        }
        core.Index.Expire(core.Now);
        core.Events.Suspects(core.Directory.SuspectsItself);
        foreach (var member in core.Directory.TakeDue(core.Now, SupernodeLimits.PollsAtOnce - underWay.Count))
        {
            underWay.Add(PollAsync(member, stop));
        }
        if (exchanges.Candidates > 0 && underWay.Count < SupernodeLimits.PollsAtOnce)
        {
            underWay.Add(exchanges.TryCandidatesAsync(SupernodeLimits.PollsAtOnce - underWay.Count, stop));
        }
        if (!exchanging && core.Now >= exchangeAt)
        {
            exchangeAt = core.Now + SupernodeLimits.ExchangeEvery;
            underWay.Add(ExchangeRoundAsync(stop));
        }
        if (core.Now >= sweepAt)
        {
            sweepAt = core.Now + SupernodeLimits.SweepEvery;
            try
            {
                await SweepAsync(stop);
            }
            catch (DiskException failure)
            {
                // Swept in an hour.
                core.Events.StoreTrouble(failure);
            }
        }
    }

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
                core.Directory.Answered(member, core.Now, core.Entropy);
                await follower.RefreshRecordAsync(member, proof.Head, stop);
            }
            core.Counters.PollsAnswered++;
        }
        catch (NetworkException)
        {
            core.Counters.PollsMissed++;
            // Answered, and broken off later: it is alive; the rest comes with the next poll.
            if (member.Answers == answers)
            {
                Miss(member);
            }
        }
        catch (DiskException failure)
        {
            core.Events.StoreTrouble(failure);
            // The store is a cache: a full disk must not stop the answers. What was not written is taken anew.
            core.CursorOf(member.Id).Distrust();
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The usual end.
        }
        finally
        {
            member.Polling = false;
        }
    }

    private void Miss(Member member)
    {
        var before = core.Directory.LivenessOf(member, core.Now);
        core.Directory.Missed(member, core.Now, core.Entropy);
        if (before != Liveness.Dead && core.Directory.LivenessOf(member, core.Now) == Liveness.Dead)
        {
            core.Events.Dead(member.Id, member.Role);
        }
    }

    private async Task ExchangeRoundAsync(CancellationToken stop)
    {
        exchanging = true;
        try
        {
            await EnsureOwnRecordAsync(stop);
            var offer = core.Now >= offerAt;
            foreach (var text in core.Options.Peers)
            {
                if (await TryPeerAsync(text, stop) is { } peer)
                {
                    await TalkAsync(peer, offer, trusted: true, stop);
                }
            }
            offerAt = offer ? core.Now + SupernodeLimits.OfferEvery : offerAt;
            var others = core
                .Directory.Live(NodeRole.Supernode, core.Now)
                .Where(member => core.Directory.LivenessOf(member, core.Now) == Liveness.Alive)
                .ToArray();
            core.Entropy.Shuffle(others.AsSpan());
            foreach (var member in others.Take(ExchangesARound))
            {
                var peer = new ExchangePeer(member.Record.Item.Urls[0], member.Id, member.Address);
                await TalkAsync(peer, offer, trusted: false, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The usual end.
        }
        finally
        {
            exchanging = false;
        }
    }

    private async Task TalkAsync(ExchangePeer peer, bool offer, bool trusted, CancellationToken stop)
    {
        try
        {
            if (offer && core.OwnRecord is { } own)
            {
                var ask = new OutboundRequest
                {
                    Method = "POST",
                    Url = new Uri(peer.Url, "record"),
                    Body = own.Raw,
                };
                await core.Http.SendAsync(ask, stop);
            }
            await exchanges.AskAsync(peer, trusted, stop);
        }
        catch (NetworkException)
        {
            // Out of reach now; the next round tries again.
        }
    }

    /// <summary>The operator's peer: its id is challenged once in a round when it is written, so that its word may count.</summary>
    private async Task<ExchangePeer?> TryPeerAsync(string text, CancellationToken stop)
    {
        var mark = text.IndexOf('#', StringComparison.Ordinal);
        var written = mark < 0 ? text : text[..mark];
        if (!BaseUrl.TryParse(written, out var url, out _))
        {
            return null;
        }
        if (mark < 0 || !NodeId.TryParse(text.AsSpan(mark + 1), out var id) || id == core.Id)
        {
            return new ExchangePeer(url, null, null);
        }
        try
        {
            return await core.Challenge.IsAsync(url, id, stop) ? new ExchangePeer(url, id, null) : null;
        }
        catch (NetworkException)
        {
            return null;
        }
    }

    /// <summary>The own record needs the own address: a name is resolved once it can be.</summary>
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
            // Tried again with the next round.
        }
    }

    /// <summary>Forgets the long dead, and takes orders that nobody holds any more out of the store.</summary>
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
        var old = core.Now - SupernodeLimits.SweepEvery;
        await foreach (var order in core.Store.OrdersAsync(core.Network.Name, stop))
        {
            var item = order.Order;
            if (order.FirstSeen < old && !item.Item.Swarms.Any(swarm => core.Index.IsHeld(item.Digest, swarm)))
            {
                SupernodeStore.DeleteOrder(batch, item.Digest);
            }
        }
        foreach (var member in core.Directory.All)
        {
            SupernodeStore.PutMember(batch, member);
        }
        await core.Store.CommitAsync(batch, stop);
    }
}
