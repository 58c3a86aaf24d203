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

    public long Epoch { get; private set; }

    public long Seq { get; private set; }

    /// <summary>XOR over the digests of what the node holds.</summary>
    public Hash32 Digest { get; private set; }

    public long Count { get; private set; }

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
            Digest = digest,
            Count = count,
            WholeAt = wholeAt,
        };

    /// <summary>
    /// Looks at a head before its entries are taken; true: what comes next is a whole list, to be asked with the head's epoch since 0.
    /// </summary>
    public bool MustStartOver(ManifestHead head, DateTimeOffset now)
    {
        if (StartingOver && !mismatched)
        {
            return head.Epoch != Epoch;
        }
        var retry = Refused.Count > 0 && now - WholeAt > SupernodeLimits.RefusedAskedAgain;
        return mismatched || retry || head.Epoch != Epoch || Seq < head.Floor || Seq > head.Seq;
    }

    public void StartOver(long epoch)
    {
        (Epoch, Seq, Digest, Count, mismatched) = (epoch, 0, default, 0, false);
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
        mismatched = true;
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
    /// what else was known of the node goes now. A digest that differs means starting over at the next poll.
    /// </summary>
    public IReadOnlySet<ulong>? Complete(ManifestHead head, DateTimeOffset now)
    {
        Reached(head.Seq);
        mismatched = head.Digest != Digest || head.Count != Count;
        var whole = listed;
        if (whole is not null)
        {
            WholeAt = now;
            listed = null;
        }
        return whole;
    }

    private static Hash32 Xor(Hash32 left, Hash32 right) =>
        new(left.A ^ right.A, left.B ^ right.B, left.C ^ right.C, left.D ^ right.D);
}
