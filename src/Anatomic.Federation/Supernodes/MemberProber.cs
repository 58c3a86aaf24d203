using System.Net;
using Anatomic.Federation.Outbound;
using Anatomic.Federation.Signing;
using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Supernodes;

/// <summary>A manifest head that its owner has just signed with our nonce, and the entries after it.</summary>
internal sealed record Proof(ManifestHead Head, IReadOnlyList<ManifestEntry> Entries);

/// <summary>
/// Requests a member's manifest at the address of its record: replication, liveness probe and challenge in one request.
/// Failures are <see cref="NetworkException"/>.
/// </summary>
internal sealed class MemberProber(IWorld world, PublicHttpClient http, ItemReader reader, Entropy entropy)
{
    private const int NonceBytes = 16;

    /// <summary>
    /// Proves a new record. Its URLs must resolve to its own addresses, because clients are redirected to the URLs;
    /// then the member must answer.
    /// </summary>
    public async Task ProveNewAsync(Signed<NodeRecord> record, bool isPrivate, CancellationToken stop)
    {
        foreach (var url in record.Item.Urls)
        {
            var host = url.IdnHost.Trim('[', ']');
            // In private networks, often only one machine knows a name.
            if (isPrivate && !IPAddress.TryParse(host, out _))
            {
                continue;
            }
            if (!await http.ResolvesToAsync(url, record.Item.Addresses, stop))
            {
                throw new NetworkException($"{url} does not resolve to an address of the record");
            }
        }
        await ProveAsync(record, 0, 0, stop);
    }

    public async Task<Proof> ProveAsync(Signed<NodeRecord> record, long epoch, long since, CancellationToken stop)
    {
        var nonce = entropy.Bytes(NonceBytes);
        var request = new OutboundRequest
        {
            Url = new Uri(
                record.Item.Urls[0],
                $"plants?epoch={epoch}&since={since}&nonce={Convert.ToHexStringLower(nonce)}"
            ),
            MaxResponseBytes = NetworkLimits.MaxPageBytes,
        };
        var response = (await http.SendToAsync(request, PrimaryAddress.Of(record.Item), stop)).Response;
        if (response.Status != 200)
        {
            throw new NetworkException($"it answers the request for its manifest with status {response.Status}");
        }
        if (
            !ManifestPage.TryRead(response.Body, out var page, out var fault)
            || !reader.TryRead<ManifestHead>(page.Head, world.Clock.GetUtcNow(), out var head, out fault)
        )
        {
            throw new NetworkException($"its manifest is invalid: {fault}");
        }
        if (head.Signer != record.Signer || !head.Item.Nonce.Span.SequenceEqual(nonce))
        {
            throw new NetworkException("another server answers there: its manifest is not signed by the record's key");
        }
        return new Proof(head.Item, page.Entries);
    }

    /// <summary>The newest record that the member publishes.</summary>
    public async Task<Signed<NodeRecord>> RecordAsync(Signed<NodeRecord> known, CancellationToken stop)
    {
        var request = new OutboundRequest { Url = new Uri(known.Item.Urls[0], "record") };
        var response = (await http.SendToAsync(request, PrimaryAddress.Of(known.Item), stop)).Response;
        if (
            response.Status != 200
            || !reader.TryRead<NodeRecord>(response.Body, world.Clock.GetUtcNow(), out var record, out _)
            || record.Signer != known.Signer
        )
        {
            throw new NetworkException("its new record is invalid");
        }
        return record;
    }

    /// <summary>
    /// The orders with these digests, not verified. Those that the member does not return are missing.
    /// </summary>
    public async Task<IReadOnlyList<SignedItem>> OrdersAsync(
        Signed<NodeRecord> record,
        IReadOnlyList<Hash32> digests,
        CancellationToken stop
    )
    {
        var request = new OutboundRequest
        {
            Method = "POST",
            Url = new Uri(record.Item.Urls[0], "orders"),
            Body = new OrdersRequest(digests).Write(),
            MaxResponseBytes = NetworkLimits.MaxPageBytes,
        };
        var response = (await http.SendToAsync(request, PrimaryAddress.Of(record.Item), stop)).Response;
        return response.Status == 200 && OrdersResponse.TryRead(response.Body, out var found, out _)
            ? found.Orders
            : throw new NetworkException("its orders are invalid");
    }
}
