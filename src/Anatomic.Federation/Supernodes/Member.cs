using Anatomic.Federation.Placement;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;

namespace Anatomic.Federation.Supernodes;

/// <summary>How sure a supernode is of a member.</summary>
public enum Liveness
{
    /// <summary>It answered one of the last three polls.</summary>
    Alive,

    /// <summary>It is silent, but so are more than half of all: the old state is kept, behind those who answer.</summary>
    Doubtful,

    Dead,
}

/// <summary>A node or supernode whose record was proven by a poll.</summary>
public sealed class Member(Signed<NodeRecord> record, DateTimeOffset firstSeen)
{
    public Signed<NodeRecord> Record { get; internal set; } = record;

    public NodeId Id => Record.Signer;

    public NodeRole Role => Record.Item.Role;

    /// <summary>When this supernode met it first; what others say of it is in <see cref="Words"/>.</summary>
    public DateTimeOffset FirstSeen { get; internal set; } = firstSeen;

    /// <summary>How long it has been seen alive in all: the measure of its quota in the index.</summary>
    public TimeSpan SeenAlive { get; internal set; }

    public DateTimeOffset LastAnswer { get; internal set; }

    public DateTimeOffset NextPoll { get; internal set; }

    /// <summary>Polls missed since the last answer.</summary>
    public int Misses { get; internal set; }

    /// <summary>When the third miss came; null while it is alive.</summary>
    public DateTimeOffset? DiedAt { get; internal set; }

    /// <summary>Polls answered since the start.</summary>
    public long Answers { get; internal set; }

    /// <summary>A poll is under way.</summary>
    public bool Polling { get; internal set; }

    /// <summary>When other supernodes say that they met it first, by supernode.</summary>
    internal SortedDictionary<NodeId, DateTimeOffset> Words { get; } = [];

    /// <summary>
    /// The age that probation counts: the median of the word of three supernodes, this one included; its own while fewer speak.
    /// </summary>
    public DateTimeOffset KnownSince
    {
        get
        {
            if (Words.Count < 2)
            {
                return FirstSeen;
            }
            DateTimeOffset[] words = [FirstSeen, .. Words.Values.Take(2)];
            Array.Sort(words);
            return words[1];
        }
    }

    /// <summary>The network prefix that placement draws for.</summary>
    public PlacementPrefix Prefix(bool privateNetwork) => PlacementPrefix.Of(Record.Item.Addresses, privateNetwork);

    /// <summary>The address that a poll must reach: the one that placement counts.</summary>
    public Endpoint Address => AddressOf(Record.Item);

    /// <summary>The first IPv4 address of a record, else its first IPv6 one.</summary>
    public static Endpoint AddressOf(NodeRecord record)
    {
        foreach (var address in record.Addresses)
        {
            if (address.IsV4)
            {
                return address;
            }
        }
        return record.Addresses[0];
    }
}
