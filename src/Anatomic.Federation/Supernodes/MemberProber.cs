using System.Net;
using Anatomic.Federation.Outbound;
using Anatomic.Federation.Signing;
using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Supernodes;

/// <summary>A head that its owner has just signed with our nonce, and what came with it.</summary>
internal sealed record Proof(ManifestHead Head, IReadOnlyList<ManifestEntry> Entries);

/// <summary>
/// Asks a member for its manifest at the very address of its record: replication, liveness probe and challenge in one. Failures
/// are <see cref="NetworkException"/>.
/// </summary>
internal sealed class MemberProber(IWorld world, PublicHttpClient exchange, ItemReader reader, Entropy entropy)
{
    private const int NonceBytes = 16;

    /// <summary>
    /// Proves a record that is new here: its urls must lead to its own addresses, for clients are sent to the urls; then it must
    /// answer.
    /// </summary>
    public async Task ProveNewAsync(Signed<NodeRecord> record, bool isPrivate, CancellationToken stop)
    {
        foreach (var url in record.Item.Urls)
        {
            var host = url.IdnHost.Trim('[', ']');
            // In private networks names are often known to one machine only.
            if (isPrivate && !IPAddress.TryParse(host, out _))
            {
                continue;
            }
            if (!await exchange.ResolvesToAsync(url, record.Item.Addresses, stop))
            {
                throw new NetworkException($"{url} does not lead to an address that the record names");
            }
        }
        await ProveAsync(record, 0, 0, stop);
    }

    public async Task<Proof> ProveAsync(Signed<NodeRecord> record, long epoch, long since, CancellationToken stop)
    {
        var nonce = entropy.Bytes(NonceBytes);
        var ask = new OutboundRequest
        {
            Url = new Uri(
                record.Item.Urls[0],
                $"plants?epoch={epoch}&since={since}&nonce={Convert.ToHexStringLower(nonce)}"
            ),
            MaxResponseBytes = NetworkLimits.MaxPageBytes,
        };
        var received = await exchange.SendToAsync(ask, PrimaryAddress.Of(record.Item), stop);
        var reply = received.Response;
        if (reply.Status != 200)
        {
            throw new NetworkException($"it answers {reply.Status} where its manifest should be");
        }
        if (
            !ManifestPage.TryRead(reply.Body, out var page, out var fault)
            || !reader.TryRead<ManifestHead>(page.Head, world.Clock.GetUtcNow(), out var head, out fault)
        )
        {
            throw new NetworkException($"its manifest cannot be read: {fault}");
        }
        if (head.Signer != record.Signer || !head.Item.Nonce.Span.SequenceEqual(nonce))
        {
            throw new NetworkException("somebody else answers there: the signature is not by the record's key");
        }
        return new Proof(head.Item, page.Entries);
    }

    /// <summary>The newest record that the member shows.</summary>
    public async Task<Signed<NodeRecord>> RecordAsync(Signed<NodeRecord> known, CancellationToken stop)
    {
        var ask = new OutboundRequest { Url = new Uri(known.Item.Urls[0], "record") };
        var received = await exchange.SendToAsync(ask, PrimaryAddress.Of(known.Item), stop);
        if (
            received.Response.Status != 200
            || !reader.TryRead<NodeRecord>(received.Response.Body, world.Clock.GetUtcNow(), out var record, out _)
            || record.Signer != known.Signer
        )
        {
            throw new NetworkException("its new record cannot be read");
        }
        return record;
    }

    /// <summary>The bodies of orders, unverified; what the member does not give is missing.</summary>
    public async Task<IReadOnlyList<SignedItem>> OrdersAsync(
        Signed<NodeRecord> record,
        IReadOnlyList<Wire.Hash32> digests,
        CancellationToken stop
    )
    {
        var ask = new OutboundRequest
        {
            Method = "POST",
            Url = new Uri(record.Item.Urls[0], "orders"),
            Body = new OrdersRequest(digests).Write(),
            MaxResponseBytes = NetworkLimits.MaxPageBytes,
        };
        var received = await exchange.SendToAsync(ask, PrimaryAddress.Of(record.Item), stop);
        if (received.Response.Status != 200 || !OrdersResponse.TryRead(received.Response.Body, out var bodies, out _))
        {
            throw new NetworkException("the bodies of its orders cannot be read");
        }
        return bodies.Orders;
    }
}
