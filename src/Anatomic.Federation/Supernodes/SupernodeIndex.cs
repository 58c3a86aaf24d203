using Anatomic.Wire;
using Anatomic.Wire.Identity;

namespace Anatomic.Federation.Supernodes;

/// <summary>An order of a swarm and its holders.</summary>
/// <param name="OrderPrefix">The first 8 bytes of the order's digest, as a big-endian number.</param>
/// <param name="FirstSeen">When this supernode first learned of it, precise to a minute.</param>
/// <param name="Holders">The holders, sorted by id.</param>
public sealed record IndexedOrder(ulong OrderPrefix, DateTimeOffset FirstSeen, IReadOnlyList<NodeId> Holders);

/// <summary>The result of adding an entry.</summary>
public enum IndexOutcome
{
    Added,

    /// <summary>It existed already; a provisional entry is now confirmed.</summary>
    Known,

    /// <summary>The node has reached its quota, or the index is full.</summary>
    OverQuota,
}

/// <summary>
/// The index from info-hash to holders: the union of the nodes' manifests and, for three minutes each, of receipts. A
/// decision object: it has no clock and no locks.
/// </summary>
public sealed class SupernodeIndex(ulong seed)
{
    private static readonly DateTimeOffset Epoch = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly HolderTable blocks = new(seed);
    private readonly Dictionary<NodeId, ushort> slots = [];
    private readonly Dictionary<(ushort Slot, ulong Order, Hash20 Swarm), DateTimeOffset> provisional = [];
    private readonly Queue<(DateTimeOffset Until, ushort Slot, ulong Order, Hash20 Swarm)> expiries = new();
    private readonly List<NodeId> nodes = [default];
    private readonly List<int> counts = [0];
    private int entries;

    /// <summary>The number of pairs of swarm and holder.</summary>
    public int Count => entries;

    /// <summary>The number of blocks in memory, 48 bytes each.</summary>
    public int BlockCount => blocks.Count;

    /// <summary>The number of entries of one node, including provisional ones.</summary>
    public int CountOf(NodeId node) => slots.TryGetValue(node, out var slot) ? counts[slot] : 0;

    /// <summary>The first 8 bytes of a digest, which identify an order within a swarm.</summary>
    public static ulong PrefixOf(Hash32 digest) => digest.A;

    /// <summary>Adds an entry of a node's manifest.</summary>
    /// <param name="quota">The number of entries that the node may have.</param>
    public IndexOutcome Add(NodeId node, Hash32 order, Hash20 swarm, DateTimeOffset firstSeen, int quota)
    {
        if (!TrySlot(node, out var slot))
        {
            return IndexOutcome.OverQuota;
        }
        provisional.Remove((slot, PrefixOf(order), swarm));
        return Put(slot, PrefixOf(order), swarm, firstSeen, quota);
    }

    /// <summary>
    /// Adds an entry of a receipt, until a manifest confirms it or <paramref name="until"/> has passed.
    /// </summary>
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

    /// <summary>Whether the node's manifest, not only a receipt, shows that it holds the order.</summary>
    public bool Holds(NodeId node, Hash32 order, Hash20 swarm)
    {
        if (!slots.TryGetValue(node, out var slot) || provisional.ContainsKey((slot, PrefixOf(order), swarm)))
        {
            return false;
        }
        for (var block = blocks.FirstBlock(swarm); block >= 0; block = blocks[block].Next)
        {
            ref var entry = ref blocks[block];
            if (entry.Swarm == swarm && entry.Order == PrefixOf(order) && entry.PlaceOf(slot) >= 0)
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Whether any node holds the order in this swarm.</summary>
    public bool IsHeld(Hash32 order, Hash20 swarm) => IsHeld(PrefixOf(order), swarm);

    /// <summary>Removes provisional entries that no manifest has confirmed in time.</summary>
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

    /// <summary>Removes a node's entry.</summary>
    public void Remove(NodeId node, Hash32 order, Hash20 swarm)
    {
        if (slots.TryGetValue(node, out var slot))
        {
            provisional.Remove((slot, PrefixOf(order), swarm));
            Remove(slot, PrefixOf(order), swarm);
        }
    }

    /// <summary>
    /// Removes all entries of a node that are not in <paramref name="orders"/>, after a whole list. Provisional entries
    /// stay until they expire, because a receipt may be newer than the list.
    /// </summary>
    public void KeepOnly(NodeId node, IReadOnlySet<ulong> orders)
    {
        if (!slots.TryGetValue(node, out var slot))
        {
            return;
        }
        for (var block = 0; block < blocks.Used; block++)
        {
            ref var entry = ref blocks[block];
            if (
                entry.PlaceOf(slot) >= 0
                && !orders.Contains(entry.Order)
                && !provisional.ContainsKey((slot, entry.Order, entry.Swarm))
            )
            {
                RemoveHolder(block, slot);
            }
        }
    }

    /// <summary>The orders of a swarm, the one first seen earliest first.</summary>
    public IReadOnlyList<IndexedOrder> Lookup(Hash20 swarm)
    {
        var found = new SortedDictionary<(uint Minute, ulong Order), List<NodeId>>();
        for (var block = blocks.FirstBlock(swarm); block >= 0; block = blocks[block].Next)
        {
            ref var entry = ref blocks[block];
            if (entry.Swarm != swarm)
            {
                continue;
            }
            // A second block of the same order has the first one's minute.
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
        for (var block = blocks.FirstBlock(swarm); block >= 0; block = blocks[block].Next)
        {
            ref var entry = ref blocks[block];
            if (entry.Swarm != swarm || entry.Order != order)
            {
                continue;
            }
            if (entry.PlaceOf(slot) >= 0)
            {
                return IndexOutcome.Known;
            }
            minute = entry.SeenMinute;
            room = entry.PlaceOf(0) >= 0 ? block : room;
        }
        if (counts[slot] >= quota || entries >= FederationLimits.MaxIndexEntries)
        {
            return IndexOutcome.OverQuota;
        }
        if (room < 0)
        {
            room = blocks.Add(swarm, order, minute);
        }
        Invariant.Holds(blocks[room].TryAddHolder(slot));
        counts[slot]++;
        entries++;
        return IndexOutcome.Added;
    }

    private void Remove(ushort slot, ulong order, Hash20 swarm)
    {
        for (var block = blocks.FirstBlock(swarm); block >= 0; block = blocks[block].Next)
        {
            ref var entry = ref blocks[block];
            if (entry.Swarm == swarm && entry.Order == order && entry.PlaceOf(slot) >= 0)
            {
                RemoveHolder(block, slot);
                return;
            }
        }
    }

    private void RemoveHolder(int block, ushort slot)
    {
        ref var entry = ref blocks[block];
        entry.SetHolder(entry.PlaceOf(slot), 0);
        counts[slot]--;
        entries--;
        if (entry.IsEmpty)
        {
            blocks.Remove(block);
        }
    }

    private bool IsHeld(ulong order, Hash20 swarm)
    {
        for (var block = blocks.FirstBlock(swarm); block >= 0; block = blocks[block].Next)
        {
            if (blocks[block].Swarm == swarm && blocks[block].Order == order)
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
