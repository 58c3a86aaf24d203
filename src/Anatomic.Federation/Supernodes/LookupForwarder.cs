using Anatomic.Federation.Lookup;
using Anatomic.Federation.Placement;
using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Supernodes;

/// <summary>
/// Asks a hash's own three supernodes when this one does not know it. There is one request in flight per hash,
/// responses are cached for 30 s, and nothing is forwarded twice.
/// </summary>
internal sealed class LookupForwarder(SupernodeCore core)
{
    private readonly Dictionary<Hash20, Task<IReadOnlyList<VerifiedLookup>>> inFlight = [];
    private readonly Dictionary<Hash20, (DateTimeOffset Until, IReadOnlyList<VerifiedLookup> Orders)> cache = [];
    private readonly FixedWindowLimiter<int> rate = new(
        FederationLimits.HopsPerSecond,
        TimeSpan.FromSeconds(1),
        FederationLimits.MaxLimiterKeys
    );

    public async Task<IReadOnlyList<VerifiedLookup>> LookupAsync(Hash20 hash)
    {
        if (cache.TryGetValue(hash, out var cached) && cached.Until > core.Now)
        {
            return cached.Orders;
        }
        if (inFlight.TryGetValue(hash, out var running))
        {
            return await running;
        }
        var supernodes = OwnOf(hash);
        if (supernodes.Count == 0 || !rate.TryAcquire(0, core.Now))
        {
            return [];
        }
        core.Counters.Hops++;
        // Not the first client's token: other clients wait for the same response, and each request has its timeout.
        var lookup = AskAllAsync(hash, supernodes, CancellationToken.None);
        inFlight[hash] = lookup;
        try
        {
            var orders = await lookup;
            Cache(hash, orders);
            return orders;
        }
        finally
        {
            inFlight.Remove(hash);
        }
    }

    /// <summary>Removes hashes from the cache because something new is known about them.</summary>
    public void Forget(IReadOnlyList<Hash20> hashes)
    {
        foreach (var hash in hashes)
        {
            cache.Remove(hash);
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

    private async Task<IReadOnlyList<VerifiedLookup>> AskAllAsync(
        Hash20 hash,
        IReadOnlyList<Signed<NodeRecord>> supernodes,
        CancellationToken stop
    )
    {
        var responses = await Task.WhenAll(supernodes.Select(supernode => AskOneAsync(hash, supernode, stop)));
        return LookupUnion.Merge(responses, hash, core.Reader, core.Network, core.Now);
    }

    private async Task<LookupResponse?> AskOneAsync(Hash20 hash, Signed<NodeRecord> supernode, CancellationToken stop)
    {
        try
        {
            var request = new OutboundRequest
            {
                Url = new Uri(supernode.Item.Urls[0], $"lookup?h={hash}&hop=1"),
                MaxResponseBytes = FederationLimits.MaxRecordsPageBytes,
            };
            var received = await core.Http.SendToAsync(request, PrimaryAddress.Of(supernode.Item), stop);
            return
                received.Response.Status == 200
                && LookupResponse.TryRead(received.Response.Body, out var response, out _)
                ? response
                : null;
        }
        catch (NetworkException)
        {
            return null;
        }
    }

    private void Cache(Hash20 hash, IReadOnlyList<VerifiedLookup> orders)
    {
        if (cache.Count >= FederationLimits.MaxCachedHops)
        {
            cache.Clear();
        }
        cache[hash] = (core.Now + FederationLimits.HopCacheTime, orders);
    }
}
