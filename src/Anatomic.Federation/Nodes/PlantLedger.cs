using System.Buffers.Binary;
using System.Security.Cryptography;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;

namespace Anatomic.Federation.Nodes;

/// <summary>
/// What a node holds and has held: the orders by digest, by planter and by swarm, and the manifest that supernodes read. In memory;
/// whoever changes it makes the change durable before telling anybody.
/// </summary>
public sealed class PlantLedger(long epoch)
{
    private static readonly Comparer<PlantEntry> BySeq = Comparer<PlantEntry>.Create(
        static (left, right) => left.Seq.CompareTo(right.Seq)
    );

    private readonly Dictionary<Hash32, PlantEntry> entries = [];
    private readonly SortedSet<PlantEntry> manifest = new(BySeq);
    private readonly Dictionary<(NodeId Signer, Hash20 First), Hash32> newest = [];
    private readonly Dictionary<Hash20, List<PlantEntry>> bySwarm = [];
    private readonly byte[] digest = new byte[Hash32.Length];
    private readonly byte[] fingerprint = new byte[Hash32.Length];

    public long Epoch { get; private set; } = epoch;

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

    /// <summary>All entries in the manifest's order.</summary>
    public IReadOnlyCollection<PlantEntry> All => manifest;

    public PlantEntry? Find(Hash32 order) => entries.GetValueOrDefault(order);

    /// <summary>The newest order, live or ended, of this planter for this torrent.</summary>
    public PlantEntry? NewestOf(NodeId signer, Hash20 first) =>
        newest.TryGetValue((signer, first), out var order) ? entries[order] : null;

    /// <summary>The live orders of a swarm, oldest first.</summary>
    public IReadOnlyList<PlantEntry> LiveOf(Hash20 swarm) => bySwarm.TryGetValue(swarm, out var orders) ? orders : [];

    /// <summary>The history is broken off: who follows it starts over.</summary>
    public void StartEpoch(long number) => Epoch = number;

    /// <summary>Adds or replaces an entry under the next number, and returns it as it is kept.</summary>
    public PlantEntry Put(PlantEntry entry)
    {
        var kept = entry with { Seq = ++Seq };
        Remove(entry.Digest);
        Add(kept);
        return kept;
    }

    /// <summary>Replaces an entry without telling anybody: what changed is not part of the manifest.</summary>
    public void Amend(PlantEntry entry)
    {
        Remove(entry.Digest);
        Add(entry);
    }

    /// <summary>Brings back an entry from the store, under its own number.</summary>
    public void Restore(PlantEntry entry)
    {
        Seq = Math.Max(Seq, entry.Seq);
        Add(entry);
    }

    /// <summary>Takes a change back that could not be made durable; the number stays used.</summary>
    public void Undo(Hash32 order, PlantEntry? before)
    {
        var gone = Find(order);
        Remove(order);
        if (before is not null)
        {
            Add(before);
        }
        if (gone is not null)
        {
            FindNewest((gone.Signer, gone.FirstSwarm));
        }
    }

    /// <summary>Forgets an ended entry for ever; who asks from before it starts over.</summary>
    public void Forget(PlantEntry ended)
    {
        Invariant.Holds(!ended.IsLive);
        Floor = Math.Max(Floor, ended.Seq);
        Remove(ended.Digest);
    }

    /// <summary>Numbers that were used before the start, and what was forgotten then.</summary>
    public void ResumeAt(long seq, long floor) => (Seq, Floor) = (Math.Max(Seq, seq), Math.Max(Floor, floor));

    /// <summary>Changes after <paramref name="since"/>; from the beginning when that or the epoch does not fit.</summary>
    public IReadOnlyList<ManifestEntry> Page(long askedEpoch, long since, int limit)
    {
        var fits = askedEpoch == Epoch && since <= Seq;
        var from = fits ? since : 0;
        if (from >= Seq || manifest.Count == 0 || manifest.Max!.Seq <= from)
        {
            return [];
        }
        var low = manifest.Max with { Seq = from + 1 };
        return
        [
            .. manifest
                .GetViewBetween(low, manifest.Max)
                .Take(limit)
                .Select(entry => new ManifestEntry(entry.Seq, entry.Op, entry.Digest)),
        ];
    }

    private void Add(PlantEntry entry)
    {
        entries.Add(entry.Digest, entry);
        Invariant.Holds(manifest.Add(entry));
        ToggleFingerprint(entry);
        var key = (entry.Signer, entry.FirstSwarm);
        if (!newest.TryGetValue(key, out var known) || entries[known].Order.At <= entry.Order.At)
        {
            newest[key] = entry.Digest;
        }
        if (!entry.IsLive)
        {
            return;
        }
        Count++;
        Toggle(entry.Digest);
        foreach (var swarm in entry.Order.Swarms)
        {
            if (!bySwarm.TryGetValue(swarm, out var orders))
            {
                bySwarm.Add(swarm, orders = []);
            }
            orders.Add(entry);
        }
    }

    private void Remove(Hash32 order)
    {
        if (!entries.Remove(order, out var entry))
        {
            return;
        }
        manifest.Remove(entry);
        ToggleFingerprint(entry);
        var key = (entry.Signer, entry.FirstSwarm);
        if (newest.GetValueOrDefault(key) == order)
        {
            newest.Remove(key);
        }
        if (!entry.IsLive)
        {
            return;
        }
        Count--;
        Toggle(order);
        foreach (var swarm in entry.Order.Swarms)
        {
            var orders = bySwarm[swarm];
            orders.RemoveAll(one => one.Digest == order);
            if (orders.Count == 0)
            {
                bySwarm.Remove(swarm);
            }
        }
    }

    // Rare, so that a walk over all will do.
    private void FindNewest((NodeId Signer, Hash20 First) key)
    {
        var known = manifest.Where(entry => (entry.Signer, entry.FirstSwarm) == key).MaxBy(entry => entry.Order.At);
        if (known is not null)
        {
            newest[key] = known.Digest;
        }
    }

    private void Toggle(Hash32 order)
    {
        Span<byte> text = stackalloc byte[Hash32.Length];
        order.CopyTo(text);
        Xor(digest, text);
    }

    private void ToggleFingerprint(PlantEntry entry)
    {
        Span<byte> text = stackalloc byte[Hash32.Length + sizeof(long)];
        entry.Digest.CopyTo(text);
        BinaryPrimitives.WriteInt64BigEndian(text[Hash32.Length..], entry.Seq);
        Xor(fingerprint, text);
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
}
