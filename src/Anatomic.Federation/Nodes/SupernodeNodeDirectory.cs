using Anatomic.Federation.Lookup;
using Anatomic.Federation.Signing;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Nodes;

/// <summary>
/// Asks a node's own supernodes about other nodes: <c>GET /records?ids=</c> returns the live ones of them. Each
/// supernode proves its id first, since a forged answer could make a live partner look dead.
/// </summary>
public sealed class SupernodeNodeDirectory(
    IWorld world,
    ProvenSupernodeClient client,
    ItemReader reader,
    IReadOnlyList<SupernodeAddress> supernodes
) : INodeDirectory
{
    private const int MaxAnswers = 2;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Signed<NodeRecord>>> FindAsync(
        Hash20 swarm,
        IReadOnlyList<NodeId> candidates,
        CancellationToken stop
    )
    {
        var newest = new SortedDictionary<NodeId, Signed<NodeRecord>>();
        foreach (var record in (await AskAsync(candidates, stop)).SelectMany(answer => answer))
        {
            if (!newest.TryGetValue(record.Signer, out var known) || known.Item.Seq < record.Item.Seq)
            {
                newest[record.Signer] = record;
            }
        }
        return [.. newest.Values];
    }

    /// <inheritdoc/>
    public async Task<LivenessReport> CheckLivenessAsync(NodeId node, Hash20 swarm, CancellationToken stop)
    {
        var answers = await AskAsync([node], stop);
        return new LivenessReport(answers.Count, answers.Count(answer => answer.Count == 0));
    }

    /// <summary>Asks in the configured order until two have answered: the operator trusts those he named.</summary>
    private async Task<List<IReadOnlyList<Signed<NodeRecord>>>> AskAsync(
        IReadOnlyList<NodeId> nodes,
        CancellationToken stop
    )
    {
        var answers = new List<IReadOnlyList<Signed<NodeRecord>>>();
        foreach (var supernode in supernodes)
        {
            if (answers.Count >= MaxAnswers)
            {
                break;
            }
            try
            {
                var url = new Uri(supernode.Url, $"records?ids={string.Join(',', nodes)}");
                var response = await client.SendAsync(supernode, new OutboundRequest { Url = url }, stop);
                if (response.Status == 200 && RecordList.TryRead(response.Body, out var list, out _))
                {
                    answers.Add(Verified(list, nodes));
                }
            }
            catch (NetworkException)
            {
                // The next supernode may answer.
            }
        }
        return answers;
    }

    private List<Signed<NodeRecord>> Verified(RecordList list, IReadOnlyList<NodeId> requested)
    {
        var records = new List<Signed<NodeRecord>>();
        foreach (var item in list.Records)
        {
            if (
                requested.Contains(item.Signer)
                && reader.TryRead<NodeRecord>(item, world.Clock.GetUtcNow(), out var record, out _)
                && record.Item.Role == NodeRole.Node
            )
            {
                records.Add(record);
            }
        }
        return records;
    }
}
