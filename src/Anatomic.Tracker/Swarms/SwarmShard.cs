using System.Runtime.CompilerServices;
using Anatomic.Tracker.Memory;
using Anatomic.Tracker.Peers;
using Anatomic.Tracker.Policy;
using Anatomic.Tracker.Statistics;
using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.Wire.Trackers;
using Anatomic.World;

namespace Anatomic.Tracker.Swarms;

/// <summary>
/// A part of all swarms behind one leaf lock, held for one operation and never over I/O. The swarms inside know no lock.
/// </summary>
internal sealed class SwarmShard
{
    /// <summary>Not readonly, for it is a value that changes.</summary>
    private SpinLock spinLock = new(enableThreadOwnerTracking: false);
    private readonly SwarmStore store;
    private readonly bool isOpen;
    private readonly StoreBudget budget;
    private readonly ActiveRules rules;
    private readonly SwarmTable table;
    private readonly ShardContext context;
    private readonly SlotPacker packer;
    private int lastTick;
    private int sweepSlot;
    private int planted;

    /// <param name="store">Is there as long as one of its shards is.</param>
    /// <param name="seed">Secret of this start.</param>
    /// <param name="renewTicks">See <see cref="ShardContext.RenewTicks"/>.</param>
    /// <param name="isOpen">Whether swarms are tracked that nobody planted.</param>
    /// <param name="budget">Of all shards.</param>
    /// <param name="rules">Of all shards.</param>
    public SwarmShard(SwarmStore store, ulong seed, int renewTicks, bool isOpen, StoreBudget budget, ActiveRules rules)
    {
        (this.store, this.isOpen, this.budget, this.rules) = (store, isOpen, budget, rules);
        table = new SwarmTable(SplitMix64.Mix(seed + 1), budget);
        context = new ShardContext(seed, renewTicks, budget);
        packer = new SlotPacker(table, context);
    }

    /// <summary>A hint, read without the lock.</summary>
    public bool HasChanges => context.Changes.Count > 0;

    /// <summary>For hints that need no lock.</summary>
    public SwarmTable Table => table;

    /// <param name="peer">The asker, with the port at which it takes peers.</param>
    /// <param name="isShareable">Whether the address may be told to others.</param>
    /// <param name="hint">The swarm's slot, perhaps.</param>
    public AnnounceResult Announce(
        in AnnounceQuery query,
        in Endpoint peer,
        bool isShareable,
        int hint,
        TrackerTime now,
        ref ReplyBuffers buffers
    )
    {
        using (AcquireLock())
        {
            now = Advance(now);
            var interval = now.IntervalSeconds + context.Random.Next((now.IntervalSeconds / 8) + 1);
            var isLeaving = query.Event == AnnounceEvent.Stopped;
            var slot = table.Find(query.Swarm, hint);
            if (EarlyOutcome(slot, query, isShareable) is { } away)
            {
                return new AnnounceResult(away, default, interval);
            }
            slot = slot < 0 ? table.Add(query.Swarm) : slot;
            ref var swarm = ref table[slot];
            var peers = packer.Unpack(ref swarm);
            SweepIfSmall(ref swarm, peers, now);
            var outcome = RequestOutcome.Announced;
            if (isLeaving)
            {
                RemovePeer(swarm, peers, query, peer);
            }
            else if (isShareable && !TryAddOrUpdate(ref swarm, peers, query, peer, now))
            {
                outcome = RequestOutcome.Full;
            }
            if (outcome == RequestOutcome.Announced && !isLeaving)
            {
                var wanted = query.Wanted < 0 ? TrackerLimits.DefaultWanted : query.Wanted;
                PeerSelector.Select(
                    peers,
                    peer,
                    Math.Min(wanted, TrackerLimits.MaxWanted),
                    // Who begins with a magnet link does not know what is left, and aria2 says 0.
                    includeSeeds: query.Event == AnnounceEvent.Started
                        || (!query.IsSeed && query.Event != AnnounceEvent.Paused),
                    now,
                    context,
                    ref buffers
                );
            }
            return new AnnounceResult(outcome, packer.Pack(slot, peers), interval);
        }
    }

    /// <summary>What comes of an announce that no swarm is needed for; null: it goes on to its swarm, a new one where none is.</summary>
    private RequestOutcome? EarlyOutcome(int slot, in AnnounceQuery query, bool isShareable) =>
        !rules.Allows(query.Swarm) ? RequestOutcome.Denied
        : slot >= 0 ? null
        : !isOpen ? RequestOutcome.NotPlanted
        : query.Event == AnnounceEvent.Stopped || !isShareable ? RequestOutcome.Announced
        : budget.TryReserveSwarm(SwarmTable.GrowthBytes) ? null
        : RequestOutcome.Full;

    /// <summary>What a scrape says of it; false: the swarm is not known, or the operator denies it.</summary>
    /// <param name="hint">Where to look first.</param>
    public bool TryScrape(in Hash20 hash, int hint, in TrackerTime at, out ScrapeCounts counts)
    {
        counts = default;
        using (AcquireLock())
        {
            var now = Advance(at);
            var slot = table.Find(hash, hint);
            if (slot < 0 || !rules.Allows(hash))
            {
                return false;
            }
            ref var swarm = ref table[slot];
            if (swarm.Peers is not null && swarm.LastAccessTick == (byte)now.Tick)
            {
                counts = swarm.Counts;
                return true;
            }
            var peers = packer.Unpack(ref swarm);
            SweepIfSmall(ref swarm, peers, now);
            counts = peers.Scrape(swarm.Downloaded);
            packer.Pack(slot, peers);
            return true;
        }
    }

    public void Admit(in Hash20 hash)
    {
        using (AcquireLock())
        {
            var slot = table.Find(hash);
            if (slot < 0)
            {
                // Who plants has its own quotas; what it took durably is not refused here.
                budget.ReserveSwarm();
                slot = table.Add(hash);
            }
            ref var swarm = ref table[slot];
            planted += swarm.IsPlanted ? 0 : 1;
            swarm.State |= SwarmState.Planted;
        }
    }

    public void Withdraw(in Hash20 hash)
    {
        using (AcquireLock())
        {
            var slot = table.Find(hash);
            if (slot < 0 || !table[slot].IsPlanted)
            {
                return;
            }
            ref var swarm = ref table[slot];
            planted--;
            swarm.State &= ~SwarmState.Planted;
            var peers = packer.Unpack(ref swarm);
            if (isOpen)
            {
                peers.ForgetAllShared(context);
            }
            else
            {
                peers.Clear(context);
            }
            packer.Pack(slot, peers, mayShrink: true);
        }
    }

    /// <summary>
    /// Forgets the peers of swarms that the operator denies now, looking at a bounded number of slots from <paramref name="slot"/> on.
    /// True: the end was reached.
    /// </summary>
    public bool RemoveDenied(ref int slot)
    {
        using (AcquireLock())
        {
            for (var scanCount = TrackerLimits.SweepSlice; scanCount > 0 && slot < table.Slots; scanCount--, slot++)
            {
                ref var swarm = ref table[slot];
                if (swarm.IsInUse && !rules.Allows(swarm.Hash))
                {
                    var peers = packer.Unpack(ref swarm);
                    peers.Clear(context);
                    packer.Pack(slot, peers, mayShrink: true);
                }
            }
            return slot >= table.Slots;
        }
    }

    /// <summary>
    /// Shows swarms from <paramref name="slot"/> on, a bounded number under one hold of the lock. True: the end was reached; false:
    /// there are more, or the visitor has enough for now.
    /// </summary>
    public bool Visit<T>(ref int slot, ref T visitor)
        where T : struct, ISwarmVisitor
    {
        using (AcquireLock())
        {
            for (var scanCount = TrackerLimits.SweepSlice; scanCount > 0 && slot < table.Slots; scanCount--, slot++)
            {
                if (table[slot].IsInUse)
                {
                    var peers = packer.Unpack(ref table[slot]);
                    var goesOn = visitor.Visit(table[slot], peers);
                    packer.Pack(slot, peers);
                    if (!goesOn)
                    {
                        return false;
                    }
                }
            }
            return slot >= table.Slots;
        }
    }

    /// <summary>Restores a swarm with some or all of its peers. Returns the number of peers restored.</summary>
    public int Restore<T>(in T saved, TrackerTime now)
        where T : struct, ISavedSwarm, allows ref struct
    {
        using (AcquireLock())
        {
            now = Advance(now);
            var hash = saved.Swarm;
            var slot = table.Find(hash);
            if (!rules.Allows(hash) || (slot < 0 && (!isOpen || !budget.TryReserveSwarm(SwarmTable.GrowthBytes))))
            {
                return 0;
            }
            slot = slot < 0 ? table.Add(hash) : slot;
            ref var swarm = ref table[slot];
            var peers = packer.Unpack(ref swarm);
            var count = saved.RestorePeers(peers, now, context);
            swarm.Downloaded = Math.Max(swarm.Downloaded, saved.Downloaded);
            swarm.LastAnnounce = Math.Max(swarm.LastAnnounce, saved.LastAnnounce(now));
            packer.Pack(slot, peers, mayShrink: true);
            return count;
        }
    }

    public int DequeueChanges(Span<SwarmChange> into)
    {
        using (AcquireLock())
        {
            return context.Changes.Dequeue(into);
        }
    }

    public int Snapshot(in Hash20 hash, Span<SwarmPeer> into, TrackerTime now)
    {
        using (AcquireLock())
        {
            now = Advance(now);
            var slot = table.Find(hash);
            if (slot < 0)
            {
                return 0;
            }
            ref var swarm = ref table[slot];
            var peers = packer.Unpack(ref swarm);
            SweepIfSmall(ref swarm, peers, now);
            var written = PeersByRecency.Write(peers, into, now);
            packer.Pack(slot, peers);
            return written;
        }
    }

    public SwarmTotals Totals(in Hash20 hash, TrackerTime now)
    {
        using (AcquireLock())
        {
            now = Advance(now);
            var slot = table.Find(hash);
            if (slot < 0)
            {
                return default;
            }
            ref var swarm = ref table[slot];
            var peers = packer.Unpack(ref swarm);
            SweepIfSmall(ref swarm, peers, now);
            var totals = new SwarmTotals(peers.Seeds, peers.Leechers);
            packer.Pack(slot, peers);
            return totals;
        }
    }

    /// <summary>In seconds since the start, or <see cref="SwarmSlot.Never"/>.</summary>
    public int LastAnnounce(in Hash20 hash)
    {
        using (AcquireLock())
        {
            var slot = table.Find(hash);
            return slot < 0 ? SwarmSlot.Never : table[slot].LastAnnounce;
        }
    }

    public void AddShared(
        in Hash20 hash,
        Hash32 partner,
        ReadOnlySpan<SwarmPeer> told,
        ReadOnlySpan<Endpoint> gone,
        SwarmTotals totals,
        TrackerTime now
    )
    {
        using (AcquireLock())
        {
            now = Advance(now);
            var slot = table.Find(hash);
            if (slot >= 0 && table[slot].IsPlanted && rules.Allows(hash))
            {
                var peers = packer.Unpack(ref table[slot]);
                peers.AddShared(partner, told, gone, totals, now, context);
                packer.Pack(slot, peers);
            }
        }
    }

    public void ForgetShared(in Hash20 hash, Hash32 partner)
    {
        using (AcquireLock())
        {
            var slot = table.Find(hash);
            if (slot >= 0)
            {
                var peers = packer.Unpack(ref table[slot]);
                peers.ForgetShared(partner, context);
                packer.Pack(slot, peers);
            }
        }
    }

    /// <summary>Looks for expired peers in a bounded part of the shard. True: the end was reached, the next call begins anew.</summary>
    public bool Sweep(TrackerTime now)
    {
        using (AcquireLock())
        {
            now = Advance(now);
            for (var looked = 0; looked < TrackerLimits.SweepSlice; sweepSlot++)
            {
                if (sweepSlot >= table.Slots)
                {
                    sweepSlot = 0;
                    return true;
                }
                ref var swarm = ref table[sweepSlot];
                looked += 4;
                if (
                    swarm.IsInUse
                    && (swarm.Peers is not null || (swarm.State & SwarmState.HasSingle) != SwarmState.None)
                )
                {
                    var peers = packer.Unpack(ref swarm);
                    looked += peers.Count;
                    var isDone = peers.Sweep(swarm.Info, now, context);
                    packer.Pack(sweepSlot, peers, mayShrink: isDone);
                    if (!isDone)
                    {
                        return false;
                    }
                }
            }
            return false;
        }
    }

    public ShardStatistics ReadStatistics()
    {
        using (AcquireLock())
        {
            return new ShardStatistics(
                table.Count,
                planted,
                context.Seeds,
                context.Leechers,
                context.Shared,
                context.Changes.Count
            );
        }
    }

    /// <summary>Gives all memory outside the collector's heap back: the end of the store, when nobody can be inside.</summary>
    public void ReleaseAll()
    {
        packer.ReleaseAll();
        context.Changes.Release();
    }

    private LockScope AcquireLock() => new(this);

    /// <summary>Loops may have read the clock in another order than they come here: a shard's time never goes back.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private TrackerTime Advance(in TrackerTime now)
    {
        var tick = Math.Max(now.Tick, lastTick);
        if (tick - lastTick >= PeerAge.ExpireAllTicks)
        {
            ClearAll();
        }
        lastTick = tick;
        return now with { Tick = tick };
    }

    private void ClearAll()
    {
        for (var slot = 0; slot < table.Slots; slot++)
        {
            if (table[slot].IsInUse)
            {
                var peers = packer.Unpack(ref table[slot]);
                peers.Clear(context);
                packer.Pack(slot, peers, mayShrink: true);
            }
        }
    }

    private void SweepIfSmall(ref SwarmSlot swarm, SwarmPeers peers, in TrackerTime now)
    {
        if (swarm.LastAccessTick != (byte)now.Tick && peers.Count <= TrackerLimits.MaxInlineSweep)
        {
            peers.Sweep(swarm.Info, now, context);
        }
        swarm.LastAccessTick = (byte)now.Tick;
    }

    private bool TryAddOrUpdate(
        ref SwarmSlot swarm,
        SwarmPeers peers,
        in AnnounceQuery query,
        in Endpoint peer,
        in TrackerTime now
    )
    {
        var isPaused = query.Event == AnnounceEvent.Paused && !query.IsSeed;
        var put = peer.IsV4
            ? peers.TryAddOrUpdate<PeerV4>(swarm.Info, peer, query.IsSeed, isPaused, now, context)
            : peers.TryAddOrUpdate<PeerV6>(swarm.Info, peer, query.IsSeed, isPaused, now, context);
        if (put is not { } done)
        {
            return false;
        }
        swarm.LastAnnounce = now.Second;
        swarm.Downloaded += done.BecameSeed && query.Event == AnnounceEvent.Completed ? 1 : 0;
        if (query.Key != 0)
        {
            DualStackPairing.OnAnnounced(peers, swarm.Info, query.Key, peer, done.Place, now, context);
        }
        return true;
    }

    private void RemovePeer(in SwarmSlot swarm, SwarmPeers peers, in AnnounceQuery query, in Endpoint peer)
    {
        if (!peer.IsV4)
        {
            peers.Remove<PeerV6>(swarm.Info, peer, context);
        }
        else if (peers.Remove<PeerV4>(swarm.Info, peer, context) && query.Key != 0)
        {
            DualStackPairing.OnStopped(peers, swarm.Info, query.Key, peer, context);
        }
    }

    /// <summary>The lock. While somebody is inside, the store is there, whoever else has forgotten it.</summary>
    private readonly ref struct LockScope
    {
        private readonly SwarmShard shard;

        public LockScope(SwarmShard shard)
        {
            this.shard = shard;
            var taken = false;
            shard.spinLock.Enter(ref taken);
        }

        public void Dispose()
        {
            shard.spinLock.Exit(useMemoryBarrier: false);
            GC.KeepAlive(shard.store);
        }
    }
}
