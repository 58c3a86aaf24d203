using Anatomic.Wire;
using Anatomic.Wire.Network;

namespace Anatomic.Federation.Supernodes;

/// <summary>
/// How far a node's manifest has been read: its epoch, the last number applied, and the digest and count of what the
/// node then holds. When it starts over, the known entries stay until the new list is complete. A decision object.
/// </summary>
public sealed class ManifestCursor
{
    private HashSet<ulong>? listed;
    private bool isMismatched;
    private bool wasWholeMismatched;
    private bool isDistrusted;
    private DateTimeOffset givenUpAt;

    public long Epoch { get; private set; }

    public long Seq { get; private set; }

    /// <summary>XOR over the digests of what the node holds.</summary>
    public Hash32 Digest { get; private set; }

    public long Count { get; private set; }

    /// <summary>The number under which this cursor is stored.</summary>
    internal long StoredSeq { get; set; } = -1;

    /// <summary>
    /// Whether the manifest has too many rejected entries. It is ignored until the next whole list.
    /// </summary>
    public bool HasGivenUp => givenUpAt != default;

    /// <summary>Whether a whole list is being read.</summary>
    public bool IsStartingOver => listed is not null;

    /// <summary>
    /// Orders that the node holds and the index does not: invalid ones, missing ones, ones over the quota. They are
    /// part of the digest, and the next whole list retries them.
    /// </summary>
    public ISet<Hash32> Rejected { get; } = new HashSet<Hash32>();

    /// <summary>When the last whole list was complete.</summary>
    public DateTimeOffset WholeAt { get; private set; }

    public static ManifestCursor Restore(long epoch, long seq, Hash32 digest, long count, DateTimeOffset wholeAt) =>
        new()
        {
            Epoch = epoch,
            Seq = seq,
            StoredSeq = seq,
            Digest = digest,
            Count = count,
            WholeAt = wholeAt,
        };

    /// <summary>
    /// Checks a head before its entries are applied. True: the next request must be for a whole list, with the head's
    /// epoch and from number 0.
    /// </summary>
    public bool MustStartOver(ManifestHead head, DateTimeOffset now)
    {
        if (HasGivenUp)
        {
            return now - givenUpAt > FederationLimits.RejectedRetry;
        }
        if (IsStartingOver && !isDistrusted)
        {
            return head.Epoch != Epoch;
        }
        var isRetryDue = Rejected.Count > 0 && now - WholeAt > FederationLimits.RejectedRetry;
        // A whole list that differs from its own head comes from a faulty or lying node. It is not read every minute.
        var isMismatchDue = isMismatched && (!wasWholeMismatched || now - WholeAt > FederationLimits.MismatchRetry);
        return isDistrusted || isMismatchDue || isRetryDue || head.Epoch != Epoch || Seq < head.Floor || Seq > head.Seq;
    }

    public void StartOver(long epoch)
    {
        (Epoch, Seq, Digest, Count) = (epoch, 0, default, 0);
        (isMismatched, isDistrusted, givenUpAt) = (false, false, default);
        listed = [];
        Rejected.Clear();
    }

    /// <summary>
    /// What was applied could not be stored. The next poll reads a whole list and stores all of it again.
    /// </summary>
    public void Distrust()
    {
        if (IsStartingOver)
        {
            StartOver(Epoch);
        }
        isDistrusted = true;
    }

    /// <summary>The manifest has more rejected entries than can be remembered. Known entries stay.</summary>
    public void GiveUp(DateTimeOffset now)
    {
        givenUpAt = now;
        Rejected.Clear();
        listed = null;
    }

    /// <summary>An entry was applied. Numbers ascend.</summary>
    public void AdvanceTo(long seq) => Seq = Math.Max(Seq, seq);

    /// <summary>The node holds an order that it did not hold before.</summary>
    public void Add(Hash32 order)
    {
        Digest = Xor(Digest, ManifestDigest.Of(order));
        Count++;
        listed?.Add(SupernodeIndex.PrefixOf(order));
    }

    /// <summary>The node no longer holds an order.</summary>
    public void Remove(Hash32 order)
    {
        Digest = Xor(Digest, ManifestDigest.Of(order));
        Count--;
        listed?.Remove(SupernodeIndex.PrefixOf(order));
    }

    /// <summary>Whether the whole list being read already has the order.</summary>
    public bool HasListed(Hash32 order) => listed?.Contains(SupernodeIndex.PrefixOf(order)) == true;

    /// <summary>
    /// All entries up to the head are applied. After a whole list it returns the prefixes of its orders; everything
    /// else known of the node must then be removed. If the digest differs, the next poll starts over, or a poll ten
    /// minutes later after a whole list.
    /// </summary>
    public IReadOnlySet<ulong>? Complete(ManifestHead head, DateTimeOffset now)
    {
        AdvanceTo(head.Seq);
        isMismatched = head.Digest != Digest || head.Count != Count;
        var whole = listed;
        if (whole is not null)
        {
            (WholeAt, wasWholeMismatched) = (now, isMismatched);
            listed = null;
        }
        return whole;
    }

    private static Hash32 Xor(Hash32 left, Hash32 right) =>
        new(left.A ^ right.A, left.B ^ right.B, left.C ^ right.C, left.D ^ right.D);
}
