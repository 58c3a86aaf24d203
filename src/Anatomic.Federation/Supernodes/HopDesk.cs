using Anatomic.Federation.Lookup;
using Anatomic.Federation.Placement;
using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Supernodes;

/// <summary>
/// Asks a hash's own three supernodes when this one does not know it: one request under way a hash, the answer remembered for
/// 30 s, never passed on twice.
/// </summary>
internal sealed class HopDesk(SupernodeCore core)
{
    private readonly Dictionary<Hash20, Task<IReadOnlyList<HeldOrder>>> underWay = [];
    private readonly Dictionary<Hash20, (DateTimeOffset Until, IReadOnlyList<HeldOrder> Orders)> remembered = [];
    private readonly FixedWindowLimiter<int> rate = new(SupernodeLimits.HopsASecond, TimeSpan.FromSeconds(1));

    public async Task<IReadOnlyList<HeldOrder>> AskAsync(Hash20 hash)
    {
        if (remembered.TryGetValue(hash, out var answer) && answer.Until > core.Now)
        {
            return answer.Orders;
        }
        if (underWay.TryGetValue(hash, out var running))
        {
            return await running;
        }
        var asked = OwnOf(hash);
        if (asked.Count == 0 || !rate.TryTake(0, core.Now))
        {
            return [];
        }
        core.Counters.Hops++;
        // Not the first asker's token: others wait for the same answer, and each request has its deadline.
        var asking = AskAllAsync(hash, asked, CancellationToken.None);
        underWay[hash] = asking;
        try
        {
            var orders = await asking;
            Remember(hash, orders);
            return orders;
        }
        finally
        {
            underWay.Remove(hash);
        }
    }

    /// <summary>Something new is known of these: what was remembered of them is void.</summary>
    public void Forget(IReadOnlyList<Hash20> hashes)
    {
        foreach (var hash in hashes)
        {
            remembered.Remove(hash);
        }
    }

    /// <summary>The hash's own supernodes without this one.</summary>
    private IReadOnlyList<Signed<NodeRecord>> OwnOf(Hash20 hash)
    {
        var all = core.Directory.Live(NodeRole.Supernode, core.Now).Select(member => member.Record).ToList();
        if (core.OwnRecord is { } own)
        {
            all.Add(own);
        }
        return
        [
            .. Rendezvous
                .Best(all, record => record.Signer, hash, Rendezvous.OwnSupernodes)
                .Where(record => record.Signer != core.Id),
        ];
    }

    private async Task<IReadOnlyList<HeldOrder>> AskAllAsync(
        Hash20 hash,
        IReadOnlyList<Signed<NodeRecord>> supernodes,
        CancellationToken stop
    )
    {
        var answers = await Task.WhenAll(supernodes.Select(supernode => AskOneAsync(hash, supernode, stop)));
        return LookupUnion.Unite(answers, hash, core.Reader, core.Network, core.Now);
    }

    private async Task<LookupResponse?> AskOneAsync(Hash20 hash, Signed<NodeRecord> supernode, CancellationToken stop)
    {
        try
        {
            var ask = new OutboundRequest
            {
                Url = new Uri(supernode.Item.Urls[0], $"lookup?h={hash}&hop=1"),
                MaxResponseBytes = SupernodeLimits.MaxRecordsPageBytes,
            };
            var received = await core.Http.SendToAsync(ask, Member.AddressOf(supernode.Item), stop);
            return
                received.Response.Status == 200 && LookupResponse.TryRead(received.Response.Body, out var reply, out _)
                ? reply
                : null;
        }
        catch (NetworkException)
        {
            return null;
        }
    }

    private void Remember(Hash20 hash, IReadOnlyList<HeldOrder> orders)
    {
        if (remembered.Count >= SupernodeLimits.MaxRemembered)
        {
            remembered.Clear();
        }
        remembered[hash] = (core.Now + SupernodeLimits.HopRemembered, orders);
    }
}
