using System.Buffers.Binary;
using System.Security.Cryptography;
using Anatomic.Federation.Tables;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;

namespace Anatomic.Federation.Orders;

/// <summary>
/// All orders that a node holds or held, by digest, planter and swarm, and the manifest that supernodes read. It uses
/// about 170 bytes of memory per order. The caller makes each change durable before anyone learns of it.
/// </summary>
public sealed class PlantLedger
{
    private const long MsPerSecond = 1000;

    private readonly LedgerTable table;
    private readonly ManifestSequence manifest;
    private readonly List<int> rowsOfSwarm = [];
    private readonly Predicate<int> isEnded;
    private readonly Comparison<int> bySeq;
    private readonly byte[] digest = new byte[Hash32.Length];
    private readonly byte[] fingerprint = new byte[Hash32.Length];

    /// <param name="epoch">The epoch of the manifest; 0: none yet.</param>
    /// <param name="seed">A secret random number.</param>
    public PlantLedger(long epoch, ulong seed)
    {
        Epoch = epoch;
        table = new LedgerTable(new TableSeed(seed));
        manifest = new ManifestSequence((row, place) => table[row].Place = place);
        isEnded = row => !table[row].IsLive;
        bySeq = (left, right) => SeqOf(left).CompareTo(SeqOf(right));
    }

    public long Epoch { get; private set; }

    /// <summary>The sequence number of the newest change.</summary>
    public long Seq { get; private set; }

    /// <summary>The sequence number up to which changes are forgotten.</summary>
    public long Floor { get; private set; }

    /// <summary>The number of live orders.</summary>
    public int Count { get; private set; }

    /// <summary>XOR of SHA-256 over the digest of each live order.</summary>
    public Hash32 Digest => new(digest);

    /// <summary>
    /// XOR over all entries, ended ones too, of SHA-256 over the order's digest and the entry's number. It is stored
    /// with the orders and shows at startup whether one is missing.
    /// </summary>
    public Hash32 Fingerprint => new(fingerprint);

    /// <summary>The nodes that live orders name, bounded by <see cref="FederationLimits.MaxNamedNodes"/>.</summary>
    internal NodeTable Nodes => table.Nodes;

    /// <summary>Rows are below this number. Each is a live order, an ended one, or free.</summary>
    internal int Rows => table.Used;

    /// <summary>A row, for reading.</summary>
    internal ref readonly LedgerRow this[int row] => ref table[row];

    /// <summary>The row of an order until it is forgotten; -1: none.</summary>
    internal int RowOf(Hash32 order) => table.Find(order);

    internal OrderSwarms SwarmsOf(int row) => table.SwarmsOf(row);

    /// <summary>The number of the node at a place of a live order.</summary>
    internal int CandidateAt(int row, int place) => table.CandidateAt(row, place);

    /// <summary>The place of a node, given by number; -1: it is not a candidate, or the order is not live.</summary>
    internal int PlaceOf(int row, int node) => table.PlaceOf(row, node);

    /// <summary>
    /// The rows of a swarm's live orders, oldest first. The next call reuses the list: every announce causes one, so it
    /// must not allocate.
    /// </summary>
    internal IReadOnlyList<int> LiveRowsOf(in Hash20 swarm)
    {
        rowsOfSwarm.Clear();
        table.Find(swarm, rowsOfSwarm);
        rowsOfSwarm.RemoveAll(isEnded);
        if (rowsOfSwarm.Count > 1)
        {
            rowsOfSwarm.Sort(bySeq);
        }
        return rowsOfSwarm;
    }

    public PlantEntry? Find(Hash32 order) => table.Find(order) is >= 0 and var row ? EntryAt(row) : null;

    /// <summary>The newest order, live or ended, of this planter for this torrent.</summary>
    public PlantEntry? NewestOf(NodeId signer, Hash20 first)
    {
        var newest = LedgerTable.None;
        for (var row = table.WithFirst(first); row != LedgerTable.None; row = table.NextWithFirst(row, first))
        {
            if (table[row].Signer == signer && (newest == LedgerTable.None || IsNewer(row, newest)))
            {
                newest = row;
            }
        }
        return newest == LedgerTable.None ? null : EntryAt(newest);
    }

    /// <summary>Whether a live order names the swarm.</summary>
    public bool IsHeld(Hash20 swarm) => LiveRowsOf(swarm).Count > 0;

    /// <summary>Whether the limit of named nodes allows the candidates of another order.</summary>
    public bool HasRoomFor(PlantOrder order) =>
        Nodes.Count + order.Candidates.Count <= FederationLimits.MaxNamedNodes
        || order.Candidates.All(candidate => Nodes.Find(candidate) >= 0);

    /// <summary>Starts a new epoch, so that everyone who follows the manifest starts over.</summary>
    public void StartEpoch(long number) => Epoch = number;

    /// <summary>
    /// Adds or replaces an entry under the next sequence number, and returns it as the ledger keeps it.
    /// </summary>
    public PlantEntry Put(PlantEntry entry) => EntryAt(Set(entry with { Seq = ++Seq }));

    /// <summary>Replaces an entry without a new number, for a change that the manifest does not show.</summary>
    public void Amend(PlantEntry entry) => Set(entry);

    /// <summary>Restores an entry from the store, under its own number.</summary>
    public void Restore(PlantEntry entry)
    {
        Seq = Math.Max(Seq, entry.Seq);
        Set(entry);
    }

    /// <summary>Reverts a change that could not be made durable. Its sequence number stays used.</summary>
    public void Undo(Hash32 order, PlantEntry? before)
    {
        if (before is not null)
        {
            Set(before);
        }
        else if (table.Find(order) is >= 0 and var row)
        {
            Remove(row);
        }
    }

    /// <summary>Forgets an ended entry. Followers that have not read it yet start over.</summary>
    public void Forget(PlantEntry ended)
    {
        Invariant.Holds(!ended.IsLive);
        Floor = Math.Max(Floor, ended.Seq);
        if (table.Find(ended.Digest) is >= 0 and var row)
        {
            Remove(row);
        }
    }

    /// <summary>Restores the highest number used and the floor of earlier runs.</summary>
    public void ResumeAt(long seq, long floor) => (Seq, Floor) = (Math.Max(Seq, seq), Math.Max(Floor, floor));

    /// <summary>Changes after <paramref name="since"/>; all of them when that or the epoch does not match.</summary>
    public IReadOnlyList<ManifestEntry> Page(long askedEpoch, long since, int limit)
    {
        var isKnown = askedEpoch == Epoch && since <= Seq;
        return
        [
            .. manifest
                .After(isKnown ? since : 0)
                .Take(limit)
                .Select(row => new ManifestEntry(manifest.SeqAt(table[row].Place), table[row].Op, table[row].Digest)),
        ];
    }

    /// <summary>The entry of a row in use.</summary>
    internal PlantEntry EntryAt(int row)
    {
        ref readonly var kept = ref table[row];
        var candidates = new NodeId[kept.Candidates];
        for (var place = 0; place < candidates.Length; place++)
        {
            candidates[place] = Nodes[table.CandidateAt(row, place)];
        }
        return new PlantEntry
        {
            Digest = kept.Digest,
            Signer = kept.Signer,
            Swarms = table.SwarmsOf(row).ToArray(),
            Candidates = candidates,
            Want = kept.Want,
            At = kept.At,
            Op = kept.Op,
            Seq = manifest.SeqAt(kept.Place),
            Reason = kept.Reason,
            Since = kept.Since * MsPerSecond,
            LastPeer = kept.LastPeer * MsPerSecond,
        };
    }

    /// <summary>Unix milliseconds of the last announce for an order.</summary>
    internal long LastPeerOf(int row) => table[row].LastPeer * MsPerSecond;

    /// <summary>A row's sequence number in the manifest.</summary>
    internal long SeqOf(int row) => manifest.SeqAt(table[row].Place);

    /// <summary>Unix milliseconds of a row's last change.</summary>
    internal long SinceOf(int row) => table[row].Since * MsPerSecond;

    /// <summary>A client announced for a live order. The next sweep stores it.</summary>
    /// <param name="at">Unix milliseconds.</param>
    internal void MarkPeerSeen(int row, long at)
    {
        table[row].LastPeer = Seconds(at);
        table[row].IsUnsaved = true;
    }

    /// <summary>Marks whether a row must still be stored.</summary>
    internal void MarkUnsaved(int row, bool isUnsaved) => table[row].IsUnsaved = isUnsaved;

    private bool IsNewer(int row, int than)
    {
        ref readonly var left = ref table[row];
        ref readonly var right = ref table[than];
        return left.At != right.At ? left.At > right.At : manifest.SeqAt(left.Place) > manifest.SeqAt(right.Place);
    }

    private int Set(PlantEntry entry)
    {
        var row = table.Find(entry.Digest);
        if (row == LedgerTable.None)
        {
            row = table.Add(entry);
        }
        else
        {
            Toggle(row, counted: -1);
            manifest.Remove(table[row].Place);
        }
        var wasLive = table[row].IsLive;
        ref var kept = ref table[row];
        (kept.Op, kept.Reason) = (entry.Op, entry.Reason);
        (kept.Since, kept.LastPeer) = (Seconds(entry.Since), Seconds(entry.LastPeer));
        if (entry.IsLive && !wasLive)
        {
            table.SetCandidates(row, entry);
        }
        else if (!entry.IsLive && wasLive)
        {
            table.DropCandidates(row);
        }
        manifest.Put(entry.Seq, row);
        Toggle(row, counted: 1);
        return row;
    }

    private void Remove(int row)
    {
        Toggle(row, counted: -1);
        manifest.Remove(table[row].Place);
        table.Remove(row);
    }

    // XOR adds and removes alike.
    private void Toggle(int row, int counted)
    {
        Span<byte> text = stackalloc byte[Hash32.Length + sizeof(long)];
        table[row].Digest.CopyTo(text);
        BinaryPrimitives.WriteInt64BigEndian(text[Hash32.Length..], manifest.SeqAt(table[row].Place));
        Xor(fingerprint, text);
        if (table[row].IsLive)
        {
            Count += counted;
            Xor(digest, text[..Hash32.Length]);
        }
    }

    private static void Xor(byte[] into, ReadOnlySpan<byte> text)
    {
        Span<byte> hash = stackalloc byte[Hash32.Length];
        SHA256.HashData(text, hash);
        for (var i = 0; i < hash.Length; i++)
        {
            into[i] ^= hash[i];
        }
    }

    private static uint Seconds(long milliseconds) => (uint)Math.Clamp(milliseconds / MsPerSecond, 0, uint.MaxValue);
}
