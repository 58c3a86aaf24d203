using Anatomic.Federation.Lookup;
using Anatomic.Federation.Signing;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Nodes;

/// <summary>
/// Asks a node's own supernodes about other nodes: <c>GET /records?ids=</c> gives the live ones of them. Each proves its id first, for
/// a forged word could make a live partner dead.
/// </summary>
public sealed class SupernodeNodeDirectory(
    IWorld world,
    ProvenSupernodeClient proven,
    ItemReader reader,
    IReadOnlyList<SupernodeAddress> supernodes
) : INodeDirectory
{
    private const int Enough = 2;

    public async Task<IReadOnlyList<Signed<NodeRecord>>> FindAsync(
        Hash20 swarm,
        IReadOnlyList<NodeId> candidates,
        CancellationToken stop
    )
    {
        var found = new SortedDictionary<NodeId, Signed<NodeRecord>>();
        foreach (var answer in await AskAsync(candidates, stop))
        {
            foreach (var record in answer)
            {
                if (!found.TryGetValue(record.Signer, out var known) || known.Item.Seq < record.Item.Seq)
                {
                    found[record.Signer] = record;
                }
            }
        }
        return [.. found.Values];
    }

    public async Task<LivenessReport> CheckLivenessAsync(NodeId node, Hash20 swarm, CancellationToken stop)
    {
        var answers = await AskAsync([node], stop);
        return new LivenessReport(answers.Count, answers.Count(answer => answer.Count == 0));
    }

    // In the configured order until two have answered: the operator named them because they are trusted.
    private async Task<List<IReadOnlyList<Signed<NodeRecord>>>> AskAsync(
        IReadOnlyList<NodeId> nodes,
        CancellationToken stop
    )
    {
        var answers = new List<IReadOnlyList<Signed<NodeRecord>>>();
        foreach (var supernode in supernodes)
        {
            if (answers.Count >= Enough)
            {
                break;
            }
            try
            {
                var url = new Uri(supernode.Url, $"records?ids={string.Join(',', nodes)}");
                var reply = await proven.SendAsync(supernode, new OutboundRequest { Url = url }, stop);
                if (reply.Status == 200 && RecordList.TryRead(reply.Body, out var list, out _))
                {
                    answers.Add(Checked(list, nodes));
                }
            }
            catch (NetworkException)
            {
                // The next one is asked.
            }
        }
        return answers;
    }

    private List<Signed<NodeRecord>> Checked(RecordList list, IReadOnlyList<NodeId> asked)
    {
        var records = new List<Signed<NodeRecord>>();
        foreach (var item in list.Records)
        {
            if (
                asked.Contains(item.Signer)
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
