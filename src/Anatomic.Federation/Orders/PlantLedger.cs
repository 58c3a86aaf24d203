using System.Buffers.Binary;
using System.Security.Cryptography;
using Anatomic.Federation.Tables;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;

namespace Anatomic.Federation.Orders;

/// <summary>
/// What a node holds and has held: the orders by digest, by planter and by swarm, and the manifest that supernodes read. In memory,
/// about 170 bytes an order; whoever changes it makes the change durable before telling anybody.
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

    /// <param name="epoch">Of the manifest; 0: none yet.</param>
    /// <param name="seed">A number that nobody outside knows.</param>
    public PlantLedger(long epoch, ulong seed)
    {
        Epoch = epoch;
        table = new LedgerTable(new TableSeed(seed));
        manifest = new ManifestSequence((row, place) => table[row].Place = place);
        isEnded = row => !table[row].IsLive;
        bySeq = (left, right) => SeqOf(left).CompareTo(SeqOf(right));
    }

    public long Epoch { get; private set; }

    /// <summary>Number of the newest change.</summary>
    public long Seq { get; private set; }

    /// <summary>Changes up to this number are forgotten.</summary>
    public long Floor { get; private set; }

    /// <summary>Live orders.</summary>
    public int Count { get; private set; }

    /// <summary>XOR of SHA-256 over the digest of each live order.</summary>
    public Hash32 Digest => new(digest);

    /// <summary>XOR over all entries, ended ones too, of SHA-256 over the order's digest and the entry's number: kept with the rows, it tells
    /// whether one is missing.</summary>
    public Hash32 Fingerprint => new(fingerprint);

    /// <summary>Other nodes that live orders and partners name; bounded, for an order may name anybody.</summary>
    internal NodeTable Nodes => table.Nodes;

    /// <summary>Rows are below this number; each is a live order, an ended one, or free.</summary>
    internal int Rows => table.Used;

    /// <summary>A row; only the ledger may change what others see of it.</summary>
    internal ref readonly LedgerRow this[int row] => ref table[row];

    /// <summary>The row of an order, which is its own until it is forgotten; -1: none.</summary>
    internal int RowOf(Hash32 order) => table.Find(order);

    internal OrderSwarms SwarmsOf(int row) => table.SwarmsOf(row);

    /// <summary>The number of the node at a place of a live order.</summary>
    internal int CandidateAt(int row, int place) => table.CandidateAt(row, place);

    /// <summary>The place of a node by its number; -1: it is no candidate, or the order is not live.</summary>
    internal int PlaceOf(int row, int node) => table.PlaceOf(row, node);

    /// <summary>
    /// The rows of a swarm's live orders, oldest first. The list is used again by the next call: announces ask for it, and nothing
    /// is allocated for them.
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

    /// <summary>Whether the candidates of one more order may be remembered.</summary>
    public bool HasRoomFor(PlantOrder order) =>
        Nodes.Count + order.Candidates.Count <= FederationLimits.MaxNamedNodes
        || order.Candidates.All(candidate => Nodes.Find(candidate) >= 0);

    /// <summary>The history is broken off: who follows it starts over.</summary>
    public void StartEpoch(long number) => Epoch = number;

    /// <summary>Adds or replaces an entry under the next number, and returns it as it is kept.</summary>
    public PlantEntry Put(PlantEntry entry) => EntryAt(Set(entry with { Seq = ++Seq }));

    /// <summary>Replaces an entry without telling anybody: what changed is not part of the manifest.</summary>
    public void Amend(PlantEntry entry) => Set(entry);

    /// <summary>Brings back an entry from the store, under its own number.</summary>
    public void Restore(PlantEntry entry)
    {
        Seq = Math.Max(Seq, entry.Seq);
        Set(entry);
    }

    /// <summary>Takes a change back that could not be made durable; the number stays used.</summary>
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

    /// <summary>Forgets an ended entry for ever; who asks from before it starts over.</summary>
    public void Forget(PlantEntry ended)
    {
        Invariant.Holds(!ended.IsLive);
        Floor = Math.Max(Floor, ended.Seq);
        if (table.Find(ended.Digest) is >= 0 and var row)
        {
            Remove(row);
        }
    }

    /// <summary>Numbers that were used before the start, and what was forgotten then.</summary>
    public void ResumeAt(long seq, long floor) => (Seq, Floor) = (Math.Max(Seq, seq), Math.Max(Floor, floor));

    /// <summary>Changes after <paramref name="since"/>; from the beginning when that or the epoch does not fit.</summary>
    public IReadOnlyList<ManifestEntry> Page(long askedEpoch, long since, int limit)
    {
        var fits = askedEpoch == Epoch && since <= Seq;
        return
        [
            .. manifest
                .After(fits ? since : 0)
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

    /// <summary>Unix milliseconds when somebody last announced for an order.</summary>
    internal long LastPeerOf(int row) => table[row].LastPeer * MsPerSecond;

    /// <summary>A row's number in the manifest.</summary>
    internal long SeqOf(int row) => manifest.SeqAt(table[row].Place);

    /// <summary>Unix milliseconds of a row's last change.</summary>
    internal long SinceOf(int row) => table[row].Since * MsPerSecond;

    /// <summary>Somebody announced for a live order; to be written to the store at leisure.</summary>
    /// <param name="row">The order.</param>
    /// <param name="at">Unix milliseconds.</param>
    internal void MarkPeerSeen(int row, long at)
    {
        table[row].LastPeer = Seconds(at);
        table[row].IsUnsaved = true;
    }

    /// <summary>Whether a row waits to be written.</summary>
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

    // Adding and taking away are the same for a XOR.
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
