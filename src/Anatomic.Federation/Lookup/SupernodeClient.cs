using Anatomic.Federation.Outbound;
using Anatomic.Federation.Signing;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Lookup;

/// <summary>A supernode as a person writes it.</summary>
/// <param name="Url">Its base url.</param>
/// <param name="Id">Null: left out, as private networks allow; whoever answers is taken.</param>
public sealed record SupernodeReference(Uri Url, NodeId? Id)
{
    /// <summary>Reads <c>URL#id</c>, on private networks <c>URL</c> alone as well.</summary>
    public static bool TryParse(
        string text,
        NetworkName network,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out SupernodeReference? written,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out Fault? fault
    )
    {
        written = null;
        if (network.IsPrivate && !text.Contains('#', StringComparison.Ordinal))
        {
            written = BaseUrl.TryParse(text, out var url, out fault) ? new SupernodeReference(url, null) : null;
            return written is not null;
        }
        written = SupernodeAddress.TryParse(text, out var address, out fault)
            ? new SupernodeReference(address.Url, address.Id)
            : null;
        return written is not null;
    }
}

/// <summary>
/// Asks supernodes, each proven before its word counts. Failures are <see cref="NetworkException"/>; what they pass on is
/// checked for the signatures of those it is about.
/// </summary>
public sealed class SupernodeClient(IWorld world, NetworkOptions network)
{
    private readonly PublicHttpClient exchange = new(world, network);
    private readonly ItemReader reader = new(world.Signatures, network.Name);

    public NetworkOptions Network => network;

    internal ItemReader Reader => reader;

    internal PublicHttpClient Http => exchange;

    /// <summary>Challenges a supernode's id.</summary>
    public async Task<SupernodeAddress> ProveAsync(SupernodeReference written, CancellationToken stop)
    {
        var id = await new IdChallenge(world, exchange, reader).IdentifyAsync(written.Url, stop);
        if (written.Id is { } expected && expected != id)
        {
            throw new NetworkException(ProvenSupernodeClient.OtherId(written.Url, expected, id));
        }
        return new SupernodeAddress(written.Url, id);
    }

    /// <summary>The best nodes for a hash, verified.</summary>
    public async Task<IReadOnlyList<Signed<NodeRecord>>> PlaceAsync(
        SupernodeAddress supernode,
        Hash20 hash,
        int count,
        CancellationToken stop
    ) => Verified((await ListAsync(supernode, $"place?h={hash}&n={count}", stop)).Records);

    /// <summary>The live ones of these members, verified.</summary>
    public async Task<IReadOnlyList<Signed<NodeRecord>>> RecordsAsync(
        SupernodeAddress supernode,
        IReadOnlyList<NodeId> ids,
        CancellationToken stop
    ) => Verified((await ListAsync(supernode, $"records?ids={string.Join(',', ids)}", stop)).Records);

    /// <summary>All live supernodes that this one knows, itself included where it has a record; verified.</summary>
    public async Task<IReadOnlyList<Signed<NodeRecord>>> SupernodesAsync(
        SupernodeAddress supernode,
        CancellationToken stop
    )
    {
        var all = new List<Signed<NodeRecord>>();
        var after = "";
        for (var page = 0; page < FederationLimits.MaxRecordPages; page++)
        {
            var list = await ListAsync(supernode, $"records?role=supernode&after={after}", stop);
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
        return LookupResponse.TryRead(body, out var reply, out var fault)
            ? reply
            : throw new NetworkException($"{supernode.Url} gave an answer that cannot be read: {fault}");
    }

    /// <summary>Tells a supernode who holds an order.</summary>
    public async Task SendReceiptsAsync(Uri supernode, ReceiptsRequest post, CancellationToken stop)
    {
        var ask = new OutboundRequest
        {
            Method = "POST",
            Url = new Uri(supernode, "receipts"),
            Body = post.Write(),
        };
        var received = await exchange.SendAsync(ask, stop);
        if (received.Response.Status != 200)
        {
            throw new NetworkException($"{supernode} did not take the receipts: {SafeText.Of(received.Response)}");
        }
    }

    private async Task<RecordList> ListAsync(SupernodeAddress supernode, string path, CancellationToken stop)
    {
        var body = await GetAsync(supernode, path, stop);
        return RecordList.TryRead(body, out var list, out var fault)
            ? list
            : throw new NetworkException($"{supernode.Url} gave an answer that cannot be read: {fault}");
    }

    private async Task<ReadOnlyMemory<byte>> GetAsync(SupernodeAddress supernode, string path, CancellationToken stop)
    {
        var ask = new OutboundRequest
        {
            Url = new Uri(supernode.Url, path),
            MaxResponseBytes = NetworkLimits.MaxPageBytes,
        };
        var received = await exchange.SendAsync(ask, stop);
        return received.Response.Status == 200
            ? received.Response.Body
            : throw new NetworkException(
                $"{supernode.Url} answers {received.Response.Status}: {SafeText.Of(received.Response)}"
            );
    }

    private List<Signed<NodeRecord>> Verified(IReadOnlyList<SignedItem> envelopes)
    {
        var now = world.Clock.GetUtcNow();
        var good = new List<Signed<NodeRecord>>();
        foreach (var envelope in envelopes)
        {
            if (reader.TryRead<NodeRecord>(envelope, now, out var record, out _))
            {
                good.Add(record);
            }
        }
        return good;
    }
}
