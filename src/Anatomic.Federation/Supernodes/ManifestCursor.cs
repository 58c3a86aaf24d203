using Anatomic.Wire;
using Anatomic.Wire.Network;

namespace Anatomic.Federation.Supernodes;

/// <summary>
/// How far a node's manifest has been followed: its epoch, the last number taken, and the digest and count of what it holds by
/// that. Starting over keeps what is known of the node until the new list is whole. A decision object.
/// </summary>
public sealed class ManifestCursor
{
    private HashSet<ulong>? listed;
    private bool mismatched;
    private bool wholeDiffered;
    private bool distrusted;
    private DateTimeOffset givenUpAt;

    public long Epoch { get; private set; }

    public long Seq { get; private set; }

    /// <summary>XOR over the digests of what the node holds.</summary>
    public Hash32 Digest { get; private set; }

    public long Count { get; private set; }

    /// <summary>The number under which the store has this cursor.</summary>
    internal long KeptSeq { get; set; } = -1;

    /// <summary>The node shows too much that cannot be indexed: its manifest is left alone until the next whole list.</summary>
    public bool HasGivenUp => givenUpAt != default;

    /// <summary>A whole list is being taken.</summary>
    public bool StartingOver => listed is not null;

    /// <summary>
    /// Orders that the node holds and the index does not: bad ones, ones without a body, ones beyond the quota. They are part of
    /// the digest. Asked for again with the next whole list.
    /// </summary>
    public HashSet<Hash32> Refused { get; } = [];

    /// <summary>When the last whole list was complete.</summary>
    public DateTimeOffset WholeAt { get; private set; }

    public static ManifestCursor Restore(long epoch, long seq, Hash32 digest, long count, DateTimeOffset wholeAt) =>
        new()
        {
            Epoch = epoch,
            Seq = seq,
            KeptSeq = seq,
            Digest = digest,
            Count = count,
            WholeAt = wholeAt,
        };

    /// <summary>
    /// Looks at a head before its entries are taken; true: what comes next is a whole list, to be asked with the head's epoch since 0.
    /// </summary>
    public bool MustStartOver(ManifestHead head, DateTimeOffset now)
    {
        if (HasGivenUp)
        {
            return now - givenUpAt > SupernodeLimits.RefusedAskedAgain;
        }
        if (StartingOver && !distrusted)
        {
            return head.Epoch != Epoch;
        }
        var retry = Refused.Count > 0 && now - WholeAt > SupernodeLimits.RefusedAskedAgain;
        // A whole list that does not fit its own head comes from a broken node or a lying one: not every minute.
        var differs = mismatched && (!wholeDiffered || now - WholeAt > SupernodeLimits.MismatchAskedAgain);
        return distrusted || differs || retry || head.Epoch != Epoch || Seq < head.Floor || Seq > head.Seq;
    }

    public void StartOver(long epoch)
    {
        (Epoch, Seq, Digest, Count) = (epoch, 0, default, 0);
        (mismatched, distrusted, givenUpAt) = (false, false, default);
        listed = [];
        Refused.Clear();
    }

    /// <summary>What was taken could not be made durable: a whole list is taken at the next poll, and all of it is written again.</summary>
    public void Distrust()
    {
        if (StartingOver)
        {
            StartOver(Epoch);
        }
        distrusted = true;
    }

    /// <summary>What the node shows is too much to remember as refused; what is known of it stays.</summary>
    public void GiveUp(DateTimeOffset now)
    {
        givenUpAt = now;
        Refused.Clear();
        listed = null;
    }

    /// <summary>Takes an entry's number; they ascend.</summary>
    public void Reached(long seq) => Seq = Math.Max(Seq, seq);

    /// <summary>The node holds an order that it did not hold before.</summary>
    public void Gained(Hash32 order)
    {
        Digest = Xor(Digest, ManifestDigest.Of(order));
        Count++;
        listed?.Add(SupernodeIndex.PrefixOf(order));
    }

    /// <summary>The node does not hold an order any more.</summary>
    public void Lost(Hash32 order)
    {
        Digest = Xor(Digest, ManifestDigest.Of(order));
        Count--;
        listed?.Remove(SupernodeIndex.PrefixOf(order));
    }

    /// <summary>Whether the new list, while one is taken, has the order already.</summary>
    public bool HasListed(Hash32 order) => listed?.Contains(SupernodeIndex.PrefixOf(order)) == true;

    /// <summary>
    /// All entries up to the head's number are taken. Gives the orders of a whole list, by prefix, when one has become complete:
    /// what else was known of the node goes now. A digest that differs means starting over at the next poll, after a whole list ten minutes later.
    /// </summary>
    public IReadOnlySet<ulong>? Complete(ManifestHead head, DateTimeOffset now)
    {
        Reached(head.Seq);
        mismatched = head.Digest != Digest || head.Count != Count;
        var whole = listed;
        if (whole is not null)
        {
            (WholeAt, wholeDiffered) = (now, mismatched);
            listed = null;
        }
        return whole;
    }

    private static Hash32 Xor(Hash32 left, Hash32 right) =>
        new(left.A ^ right.A, left.B ^ right.B, left.C ^ right.C, left.D ^ right.D);
}
