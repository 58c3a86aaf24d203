using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Lookup;

/// <summary>
/// Asks supernodes which nodes hold a torrent now, for a client whose trackers all fail or no longer know it. Each
/// supernode must prove its id, and what it passes on must carry the signatures of its authors.
/// </summary>
public sealed class HolderFinder
{
    private readonly IWorld world;
    private readonly SupernodeClient client;

    /// <param name="network">The network's name.</param>
    /// <exception cref="ArgumentException">The network's name is invalid.</exception>
    public HolderFinder(IWorld world, string network)
    {
        if (!NetworkName.TryParse(network, out var name, out var fault))
        {
            throw new ArgumentException(fault.ToString(), nameof(network));
        }
        this.world = world;
        client = new SupernodeClient(world, new NetworkOptions { Name = name });
    }

    /// <summary>Finds the live holders of a torrent.</summary>
    /// <param name="swarm">The v1 hash or the truncated v2 hash.</param>
    /// <param name="supernodes">Addresses <c>URL#id</c> from the torrent and from the client's own list. At most three
    /// of them that answer are used.</param>
    /// <returns>The live holders, best first; empty when no supernode knows the torrent.</returns>
    /// <exception cref="NetworkException">No supernode answered.</exception>
    public async Task<IReadOnlyList<FoundHolder>> FindAsync(
        Hash20 swarm,
        IReadOnlyList<string> supernodes,
        CancellationToken stop
    )
    {
        var responses = new List<LookupResponse>();
        string? firstError = null;
        foreach (var group in supernodes.Distinct().Chunk(FederationLimits.SupernodesAsked))
        {
            foreach (var (response, error) in await Task.WhenAll(group.Select(text => LookupAsync(text, swarm, stop))))
            {
                firstError ??= error;
                if (response is not null)
                {
                    responses.Add(response);
                }
            }
            if (responses.Count > 1 || responses.Any(response => response.Orders.Count > 0))
            {
                break;
            }
        }
        if (responses.Count == 0)
        {
            throw new NetworkException(firstError ?? "no supernode is known; give --supernode URL#id");
        }
        return Holders(responses, swarm);
    }

    private List<FoundHolder> Holders(List<LookupResponse> responses, Hash20 swarm)
    {
        var seen = new HashSet<NodeId>();
        var orders = LookupUnion.Merge(responses, swarm, client.Reader, client.Network, world.Clock.GetUtcNow());
        return
        [
            .. orders
                .SelectMany(order => order.Holders)
                .Where(record => seen.Add(record.Signer))
                .Select(record => new FoundHolder(record.Signer, AnnounceUrls.Of(record.Item))),
        ];
    }

    private async Task<(LookupResponse? Response, string? Error)> LookupAsync(
        string text,
        Hash20 swarm,
        CancellationToken stop
    )
    {
        if (!SupernodeReference.TryParse(text, client.Network.Name, out var reference, out var fault))
        {
            return (null, fault.ToString());
        }
        try
        {
            var supernode = await client.ProveAsync(reference, stop);
            return (await client.LookupAsync(supernode, swarm, stop), null);
        }
        catch (NetworkException e)
        {
            return (null, e.Message);
        }
    }
}

/// <summary>A node that holds a torrent now.</summary>
/// <param name="Id">The node's id.</param>
/// <param name="AnnounceUrls">Its trackers: HTTP first, then UDP if it has one.</param>
public sealed record FoundHolder(NodeId Id, IReadOnlyList<string> AnnounceUrls);
