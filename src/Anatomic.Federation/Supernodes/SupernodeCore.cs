using Anatomic.Federation.Lookup;
using Anatomic.Federation.Outbound;
using Anatomic.Federation.Signing;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Supernodes;

/// <summary>What the parts of one supernode share. Only the supernode's loop uses it.</summary>
internal sealed class SupernodeCore
{
    public required IWorld World { get; init; }
    public required SupernodeOptions Options { get; init; }
    public required NetworkOptions Network { get; init; }
    public required SupernodeStore Store { get; init; }
    public required ItemSigner Signer { get; init; }
    public required ItemReader Reader { get; init; }
    public required PublicHttpClient Http { get; init; }
    public required Entropy Entropy { get; init; }
    public required IdChallenge Challenge { get; init; }
    public required MemberDirectory Directory { get; init; }
    public required SupernodeIndex Index { get; init; }

    public required SupernodeEvents Events { get; init; }

    public SortedDictionary<NodeId, ManifestCursor> Cursors { get; } = [];

    public SupernodeCounters Counters { get; } = new();

    /// <summary>The supernode's own record; null without a public URL.</summary>
    public Signed<NodeRecord>? OwnRecord { get; set; }

    public NodeId Id => Signer.Id;

    public DateTimeOffset Now => World.Clock.GetUtcNow();

    public ManifestCursor CursorOf(NodeId node)
    {
        if (!Cursors.TryGetValue(node, out var cursor))
        {
            Cursors[node] = cursor = new ManifestCursor();
        }
        return cursor;
    }
}

/// <summary>Counts since the start, for the metrics.</summary>
internal sealed class SupernodeCounters
{
    public DateTimeOffset StartedAt { get; set; }
    public long Requests { get; set; }
    public long Redirects { get; set; }
    public long Unknown { get; set; }
    public long Lookups { get; set; }
    public long Hops { get; set; }
    public long PollsAnswered { get; set; }
    public long PollsMissed { get; set; }
    public long RecordsRejected { get; set; }
    public long OrdersRejected { get; set; }
}
