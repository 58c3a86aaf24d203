using Anatomic.Wire;
using Anatomic.Wire.Identity;

namespace Anatomic.Federation.Supernodes;

/// <summary>An order of a swarm and who holds it.</summary>
/// <param name="OrderPrefix">The first 8 bytes of the order's digest, as a big-endian number.</param>
/// <param name="FirstSeen">When this supernode first heard of it, to the minute.</param>
/// <param name="Holders">By id.</param>
public sealed record IndexedOrder(ulong OrderPrefix, DateTimeOffset FirstSeen, IReadOnlyList<NodeId> Holders);

/// <summary>What became of an entry.</summary>
public enum IndexOutcome
{
    Added,

    /// <summary>It was there already; a provisional one is confirmed now.</summary>
    Known,

    /// <summary>The node has as many entries as its age allows, or the index is full.</summary>
    OverQuota,
}

/// <summary>
/// Info-hash → holders: the union of what the nodes' manifests say, and for three minutes what receipts say. A decision object:
/// no clock, no locks.
/// </summary>
public sealed class SupernodeIndex(ulong seed)
{
    private static readonly DateTimeOffset Epoch = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly HolderTable rows = new(seed);
    private readonly Dictionary<NodeId, ushort> slots = [];
    private readonly Dictionary<(ushort Slot, ulong Order, Hash20 Swarm), DateTimeOffset> provisional = [];
    private readonly Queue<(DateTimeOffset Until, ushort Slot, ulong Order, Hash20 Swarm)> expiries = new();
    private readonly List<NodeId> nodes = [default];
    private readonly List<int> counts = [0];
    private int entries;

    /// <summary>Pairs of swarm and holder.</summary>
    public int Count => entries;

    /// <summary>Rows in memory, 48 bytes each.</summary>
    public int RowCount => rows.Count;

    /// <summary>Entries of one node, those of receipts included.</summary>
    public int CountOf(NodeId node) => slots.TryGetValue(node, out var slot) ? counts[slot] : 0;

    /// <summary>The first 8 bytes of a digest: how an order is named within a swarm.</summary>
    public static ulong PrefixOf(Hash32 digest) => digest.A;

    /// <summary>Takes an entry of a node's manifest.</summary>
    /// <param name="quota">How many entries the node may have.</param>
    public IndexOutcome Add(NodeId node, Hash32 order, Hash20 swarm, DateTimeOffset firstSeen, int quota)
    {
        if (!TrySlot(node, out var slot))
        {
            return IndexOutcome.OverQuota;
        }
        provisional.Remove((slot, PrefixOf(order), swarm));
        return Put(slot, PrefixOf(order), swarm, firstSeen, quota);
    }

    /// <summary>Takes an entry on the word of a receipt, until the manifest confirms it or <paramref name="until"/> comes.</summary>
    public IndexOutcome AddProvisional(
        NodeId node,
        Hash32 order,
        Hash20 swarm,
        DateTimeOffset firstSeen,
        DateTimeOffset until,
        int quota
    )
    {
        if (!TrySlot(node, out var slot))
        {
            return IndexOutcome.OverQuota;
        }
        var outcome = Put(slot, PrefixOf(order), swarm, firstSeen, quota);
        if (outcome == IndexOutcome.Added)
        {
            provisional[(slot, PrefixOf(order), swarm)] = until;
            expiries.Enqueue((until, slot, PrefixOf(order), swarm));
        }
        return outcome;
    }

    /// <summary>Whether the node's manifest, not only a receipt, has said that it holds the order.</summary>
    public bool Holds(NodeId node, Hash32 order, Hash20 swarm)
    {
        if (!slots.TryGetValue(node, out var slot) || provisional.ContainsKey((slot, PrefixOf(order), swarm)))
        {
            return false;
        }
        for (var row = rows.FirstRow(swarm); row >= 0; row = rows[row].Next)
        {
            ref var entry = ref rows[row];
            if (entry.Swarm == swarm && entry.Order == PrefixOf(order) && entry.PlaceOf(slot) >= 0)
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Whether anybody holds the order in this swarm.</summary>
    public bool IsHeld(Hash32 order, Hash20 swarm) => IsHeld(PrefixOf(order), swarm);

    /// <summary>Drops entries of receipts that no manifest has confirmed in time.</summary>
    public void Expire(DateTimeOffset now)
    {
        while (expiries.TryPeek(out var next) && next.Until <= now)
        {
            expiries.Dequeue();
            var key = (next.Slot, next.Order, next.Swarm);
            if (provisional.TryGetValue(key, out var until) && until <= now)
            {
                provisional.Remove(key);
                Remove(next.Slot, next.Order, next.Swarm);
            }
        }
    }

    /// <summary>Takes a node's entry out.</summary>
    public void Remove(NodeId node, Hash32 order, Hash20 swarm)
    {
        if (slots.TryGetValue(node, out var slot))
        {
            provisional.Remove((slot, PrefixOf(order), swarm));
            Remove(slot, PrefixOf(order), swarm);
        }
    }

    /// <summary>
    /// Ends a whole list of a node: what it held before and is not in <paramref name="orders"/> goes. Entries of receipts stay
    /// until their own end, since the receipt may be younger than the list.
    /// </summary>
    public void KeepOnly(NodeId node, IReadOnlySet<ulong> orders)
    {
        if (!slots.TryGetValue(node, out var slot))
        {
            return;
        }
        for (var row = 0; row < rows.Used; row++)
        {
            ref var entry = ref rows[row];
            if (
                entry.PlaceOf(slot) >= 0
                && !orders.Contains(entry.Order)
                && !provisional.ContainsKey((slot, entry.Order, entry.Swarm))
            )
            {
                RemoveHolder(row, slot);
            }
        }
    }

    /// <summary>The orders of a swarm, the oldest-seen first.</summary>
    public IReadOnlyList<IndexedOrder> Lookup(Hash20 swarm)
    {
        var found = new SortedDictionary<(uint Minute, ulong Order), List<NodeId>>();
        for (var row = rows.FirstRow(swarm); row >= 0; row = rows[row].Next)
        {
            ref var entry = ref rows[row];
            if (entry.Swarm != swarm)
            {
                continue;
            }
            // A second row of the same order carries the first one's minute.
            var key = (entry.SeenMinute, entry.Order);
            if (!found.TryGetValue(key, out var holders))
            {
                found[key] = holders = [];
            }
            for (var place = 0; place < HolderBlock.Holders; place++)
            {
                if (entry.Holder(place) is > 0 and var slot)
                {
                    holders.Add(nodes[slot]);
                }
            }
        }
        return
        [
            .. found.Select(pair => new IndexedOrder(
                pair.Key.Order,
                Epoch.AddMinutes(pair.Key.Minute),
                [.. pair.Value.Order()]
            )),
        ];
    }

    private IndexOutcome Put(ushort slot, ulong order, Hash20 swarm, DateTimeOffset firstSeen, int quota)
    {
        var room = -1;
        var minute = (uint)Math.Clamp((firstSeen - Epoch).TotalMinutes, 0, uint.MaxValue);
        for (var row = rows.FirstRow(swarm); row >= 0; row = rows[row].Next)
        {
            ref var entry = ref rows[row];
            if (entry.Swarm != swarm || entry.Order != order)
            {
                continue;
            }
            if (entry.PlaceOf(slot) >= 0)
            {
                return IndexOutcome.Known;
            }
            minute = entry.SeenMinute;
            room = entry.PlaceOf(0) >= 0 ? row : room;
        }
        if (counts[slot] >= quota || entries >= FederationLimits.MaxIndexEntries)
        {
            return IndexOutcome.OverQuota;
        }
        if (room < 0)
        {
            room = rows.Add(swarm, order, minute);
        }
        Invariant.Holds(rows[room].TryAddHolder(slot));
        counts[slot]++;
        entries++;
        return IndexOutcome.Added;
    }

    private void Remove(ushort slot, ulong order, Hash20 swarm)
    {
        for (var row = rows.FirstRow(swarm); row >= 0; row = rows[row].Next)
        {
            ref var entry = ref rows[row];
            if (entry.Swarm == swarm && entry.Order == order && entry.PlaceOf(slot) >= 0)
            {
                RemoveHolder(row, slot);
                return;
            }
        }
    }

    private void RemoveHolder(int row, ushort slot)
    {
        ref var entry = ref rows[row];
        entry.SetHolder(entry.PlaceOf(slot), 0);
        counts[slot]--;
        entries--;
        if (entry.IsEmpty)
        {
            rows.Remove(row);
        }
    }

    private bool IsHeld(ulong order, Hash20 swarm)
    {
        for (var row = rows.FirstRow(swarm); row >= 0; row = rows[row].Next)
        {
            if (rows[row].Swarm == swarm && rows[row].Order == order)
            {
                return true;
            }
        }
        return false;
    }

    private bool TrySlot(NodeId node, out ushort slot)
    {
        if (slots.TryGetValue(node, out slot))
        {
            return true;
        }
        if (nodes.Count > ushort.MaxValue)
        {
            return false;
        }
        slot = (ushort)nodes.Count;
        slots[node] = slot;
        nodes.Add(node);
        counts.Add(0);
        return true;
    }
}
