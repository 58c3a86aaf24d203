using Anatomic.Federation.Outbound;
using Anatomic.Federation.Signing;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Lookup;

/// <summary>
/// Sends a planter's and a client's requests to supernodes. Call <see cref="ProveAsync"/> before anything else. What a
/// supernode passes on counts only with the signatures of its authors. Failures are <see cref="NetworkException"/>.
/// </summary>
public sealed class SupernodeClient(IWorld world, NetworkOptions network)
{
    private readonly PublicHttpClient http = new(world, network);
    private readonly ItemReader reader = new(world.Signatures, network.Name);

    public NetworkOptions Network => network;

    internal ItemReader Reader => reader;

    internal PublicHttpClient Http => http;

    /// <summary>Challenges a supernode to prove its id.</summary>
    public async Task<SupernodeAddress> ProveAsync(SupernodeReference reference, CancellationToken stop)
    {
        var id = await new IdChallenge(world, http, reader).IdentifyAsync(reference.Url, stop);
        if (reference.Id is { } expected && expected != id)
        {
            throw new NetworkException(ProvenSupernodeClient.OtherId(reference.Url, expected, id));
        }
        return new SupernodeAddress(reference.Url, id);
    }

    /// <summary>The verified records of the best nodes for a hash.</summary>
    public async Task<IReadOnlyList<Signed<NodeRecord>>> PlaceAsync(
        SupernodeAddress supernode,
        Hash20 hash,
        int count,
        CancellationToken stop
    ) => Verified((await GetListAsync(supernode, $"place?h={hash}&n={count}", stop)).Records);

    /// <summary>The verified records of those members that are live.</summary>
    public async Task<IReadOnlyList<Signed<NodeRecord>>> RecordsAsync(
        SupernodeAddress supernode,
        IReadOnlyList<NodeId> ids,
        CancellationToken stop
    ) => Verified((await GetListAsync(supernode, $"records?ids={string.Join(',', ids)}", stop)).Records);

    /// <summary>
    /// The verified records of all live supernodes that this one knows, including its own if it has one.
    /// </summary>
    public async Task<IReadOnlyList<Signed<NodeRecord>>> SupernodesAsync(
        SupernodeAddress supernode,
        CancellationToken stop
    )
    {
        var all = new List<Signed<NodeRecord>>();
        var after = "";
        for (var page = 0; page < FederationLimits.MaxRecordPages; page++)
        {
            var list = await GetListAsync(supernode, $"records?role=supernode&after={after}", stop);
            all.AddRange(Verified(list.Records).Where(record => record.Item.Role == NodeRole.Supernode));
            if (list.Next is not { } next)
            {
                break;
            }
            after = next.ToString();
        }
        return all;
    }

    /// <summary>The orders of a hash and their holders, not verified yet.</summary>
    public async Task<LookupResponse> LookupAsync(SupernodeAddress supernode, Hash20 hash, CancellationToken stop)
    {
        var body = await GetAsync(supernode, $"lookup?h={hash}", stop);
        return LookupResponse.TryRead(body, out var response, out var fault)
            ? response
            : throw new NetworkException($"{supernode.Url} sent an invalid response: {fault}");
    }

    /// <summary>Tells a supernode which nodes hold an order.</summary>
    public async Task SendReceiptsAsync(Uri supernode, ReceiptsRequest receipts, CancellationToken stop)
    {
        var request = new OutboundRequest
        {
            Method = "POST",
            Url = new Uri(supernode, "receipts"),
            Body = receipts.Write(),
        };
        var received = await http.SendAsync(request, stop);
        if (received.Response.Status != 200)
        {
            throw new NetworkException($"{supernode} rejected the receipts: {SafeText.Of(received.Response)}");
        }
    }

    private async Task<RecordList> GetListAsync(SupernodeAddress supernode, string path, CancellationToken stop)
    {
        var body = await GetAsync(supernode, path, stop);
        return RecordList.TryRead(body, out var list, out var fault)
            ? list
            : throw new NetworkException($"{supernode.Url} sent an invalid response: {fault}");
    }

    private async Task<ReadOnlyMemory<byte>> GetAsync(SupernodeAddress supernode, string path, CancellationToken stop)
    {
        var request = new OutboundRequest
        {
            Url = new Uri(supernode.Url, path),
            MaxResponseBytes = NetworkLimits.MaxPageBytes,
        };
        var received = await http.SendAsync(request, stop);
        return received.Response.Status == 200
            ? received.Response.Body
            : throw new NetworkException(
                $"{supernode.Url} answers with status {received.Response.Status}: {SafeText.Of(received.Response)}"
            );
    }

    private List<Signed<NodeRecord>> Verified(IReadOnlyList<SignedItem> envelopes)
    {
        var now = world.Clock.GetUtcNow();
        var verified = new List<Signed<NodeRecord>>();
        foreach (var envelope in envelopes)
        {
            if (reader.TryRead<NodeRecord>(envelope, now, out var record, out _))
            {
                verified.Add(record);
            }
        }
        return verified;
    }
}
