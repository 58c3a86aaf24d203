using Anatomic.Federation.Placement;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;

namespace Anatomic.Federation.Supernodes;

/// <summary>What a supernode knows about whether a member is alive.</summary>
public enum Liveness
{
    /// <summary>It answered one of the last three polls.</summary>
    Alive,

    /// <summary>
    /// It vanished together with most other nodes, so the supernode may be cut off. It ranks behind live ones.
    /// </summary>
    Doubtful,

    /// <summary>It missed three polls in a row.</summary>
    Dead,
}

/// <summary>A node or supernode whose record was proven by a poll.</summary>
public sealed class Member(Signed<NodeRecord> record, DateTimeOffset firstSeen)
{
    public Signed<NodeRecord> Record { get; internal set; } = record;

    public NodeId Id => Record.Signer;

    public NodeRole Role => Record.Item.Role;

    /// <summary>When this supernode first met it. <see cref="ReportedFirstSeen"/> has the reports of others.</summary>
    public DateTimeOffset FirstSeen { get; internal set; } = firstSeen;

    /// <summary>The total time that it was seen alive. Its quota in the index grows with it.</summary>
    public TimeSpan SeenAlive { get; internal set; }

    public DateTimeOffset LastAnswer { get; internal set; }

    public DateTimeOffset NextPoll { get; internal set; }

    /// <summary>Polls missed since the last answer.</summary>
    public int Misses { get; internal set; }

    /// <summary>When it missed the third poll; null while it is alive.</summary>
    public DateTimeOffset? DiedAt { get; internal set; }

    /// <summary>Polls answered since the start.</summary>
    public long Answers { get; internal set; }

    /// <summary>Whether a poll is in flight.</summary>
    public bool IsPolling { get; internal set; }

    /// <summary>When other supernodes first met it, as they report it.</summary>
    internal SortedDictionary<NodeId, DateTimeOffset> ReportedFirstSeen { get; } = [];

    /// <summary>
    /// The time from which probation counts: the median of what three supernodes report, this one included. With fewer
    /// reports, this one's own observation.
    /// </summary>
    public DateTimeOffset KnownSince
    {
        get
        {
            if (ReportedFirstSeen.Count < 2)
            {
                return FirstSeen;
            }
            DateTimeOffset[] times = [FirstSeen, .. ReportedFirstSeen.Values.Take(2)];
            Array.Sort(times);
            return times[1];
        }
    }

    /// <summary>The network prefix that placement ranks.</summary>
    public PlacementPrefix Prefix(bool privateNetwork) => PlacementPrefix.Of(Record.Item.Addresses, privateNetwork);

    /// <summary>The address that polls use and that placement ranks.</summary>
    public Endpoint Address => PrimaryAddress.Of(Record.Item);
}
