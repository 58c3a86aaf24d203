using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Lookup;

/// <summary>
/// Asks supernodes where a torrent is held now: for a client whose trackers all fail or no longer know it. The supernodes'
/// ids are challenged before their word counts, and what they pass on is checked for the signatures of those it is about.
/// </summary>
public sealed class HolderFinder
{
    // Two would do; a third costs little and one may be down.
    private const int Asked = 3;

    private readonly IWorld world;
    private readonly SupernodeClient client;

    /// <param name="world">The world.</param>
    /// <param name="network">The network's name.</param>
    /// <exception cref="ArgumentException">The name is none.</exception>
    public HolderFinder(IWorld world, string network)
    {
        if (!NetworkName.TryParse(network, out var name, out var fault))
        {
            throw new ArgumentException(fault.ToString(), nameof(network));
        }
        this.world = world;
        client = new SupernodeClient(world, new NetworkOptions { Name = name });
    }

    /// <param name="swarm">The v1 hash or the truncated v2 hash.</param>
    /// <param name="supernodes">As <c>URL#id</c>, from the torrent and from one's own list; three that answer are asked at most.</param>
    /// <param name="stop">Ends the search.</param>
    /// <returns>Announce URLs of the present holders, best first; empty when nobody knows the torrent.</returns>
    /// <exception cref="NetworkException">No supernode answered.</exception>
    public async Task<IReadOnlyList<FoundHolder>> FindAsync(
        Hash20 swarm,
        IReadOnlyList<string> supernodes,
        CancellationToken stop
    )
    {
        var answers = new List<LookupResponse>();
        string? failure = null;
        foreach (var group in supernodes.Distinct().Chunk(Asked))
        {
            foreach (var (answer, why) in await Task.WhenAll(group.Select(text => AskAsync(text, swarm, stop))))
            {
                failure ??= why;
                if (answer is not null)
                {
                    answers.Add(answer);
                }
            }
            if (answers.Count > 1 || answers.Any(answer => answer.Orders.Count > 0))
            {
                break;
            }
        }
        if (answers.Count == 0)
        {
            throw new NetworkException(failure ?? "no supernode is known; give --supernode URL#id");
        }
        return Holders(answers, swarm);
    }

    private List<FoundHolder> Holders(List<LookupResponse> answers, Hash20 swarm)
    {
        var seen = new HashSet<NodeId>();
        var holders = new List<FoundHolder>();
        var orders = LookupUnion.Unite(answers, swarm, client.Reader, client.Network, world.Clock.GetUtcNow());
        foreach (var envelope in orders.SelectMany(order => order.Holders))
        {
            // The union has checked the signatures.
            if (
                Signed.TryReadUnverified<NodeRecord>(envelope, client.Network.Name, out var record, out _)
                && seen.Add(record.Signer)
            )
            {
                holders.Add(new FoundHolder(record.Signer, AnnounceUrls.Of(record.Item)));
            }
        }
        return holders;
    }

    private async Task<(LookupResponse? Answer, string? Failure)> AskAsync(
        string text,
        Hash20 swarm,
        CancellationToken stop
    )
    {
        if (!SupernodeReference.TryParse(text, client.Network.Name, out var written, out var fault))
        {
            return (null, fault.ToString());
        }
        try
        {
            var supernode = await client.ProveAsync(written, stop);
            return (await client.LookupAsync(supernode, swarm, stop), null);
        }
        catch (NetworkException e)
        {
            return (null, e.Message);
        }
    }
}

/// <summary>A present holder.</summary>
/// <param name="Id">The node's id.</param>
/// <param name="AnnounceUrls">Its trackers: HTTP first, then UDP where it has it.</param>
public sealed record FoundHolder(NodeId Id, IReadOnlyList<string> AnnounceUrls);
