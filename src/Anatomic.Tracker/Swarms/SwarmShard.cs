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
/// A part of all swarms behind one leaf lock, which is held for one operation and never during I/O. The swarms
/// themselves have no locks.
/// </summary>
internal sealed class SwarmShard
{
    /// <summary>Not readonly, because a spin lock is a mutable struct.</summary>
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

    /// <param name="store">Kept alive while one of its shards is in use.</param>
    /// <param name="renewTicks">See <see cref="ShardContext.RenewTicks"/>.</param>
    /// <param name="isOpen">Whether to track swarms that are not planted.</param>
    public SwarmShard(SwarmStore store, ulong seed, int renewTicks, bool isOpen, StoreBudget budget, ActiveRules rules)
    {
        (this.store, this.isOpen, this.budget, this.rules) = (store, isOpen, budget, rules);
        table = new SwarmTable(SplitMix64.Mix(seed + 1), budget);
        context = new ShardContext(seed, renewTicks, budget);
        packer = new SlotPacker(table, context);
    }

    /// <summary>A hint, read without the lock.</summary>
    public bool HasChanges => context.Changes.Count > 0;

    /// <summary>For prefetching, without the lock.</summary>
    public SwarmTable Table => table;

    /// <param name="peer">The client's address, with the port on which it accepts peers.</param>
    /// <param name="isShareable">Whether other clients may get the address. Otherwise the peer is not stored.</param>
    /// <param name="hint">Where the swarm's slot probably is.</param>
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
            if (EarlyOutcome(slot, query, isShareable) is { } early)
            {
                return new AnnounceResult(early, default, interval);
            }
            slot = slot < 0 ? table.Add(query.Swarm) : slot;
            ref var swarm = ref table[slot];
            var peers = packer.Unpack(ref swarm);
            SweepIfSmall(ref swarm, peers, now);
            var outcome = RequestOutcome.Announced;
            if (isLeaving)
            {
                AnnouncingPeer.Remove(swarm, peers, query, peer, context);
            }
            else if (isShareable && !AnnouncingPeer.TryStore(ref swarm, peers, query, peer, now, context))
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
                    // A client that starts from a magnet link does not know what is left, and aria2 sends 0.
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

    /// <summary>
    /// The outcome of an announce that does not reach a swarm; null: continue, and create the swarm if it does not
    /// exist.
    /// </summary>
    private RequestOutcome? EarlyOutcome(int slot, in AnnounceQuery query, bool isShareable) =>
        !rules.Allows(query.Swarm) ? RequestOutcome.Denied
        : slot >= 0 ? null
        : !isOpen ? RequestOutcome.NotPlanted
        : query.Event == AnnounceEvent.Stopped || !isShareable ? RequestOutcome.Announced
        : budget.TryReserveSwarm(SwarmTable.GrowthBytes) ? null
        : RequestOutcome.Full;

    /// <summary>Scrapes one swarm. False: the swarm does not exist, or the operator denies it.</summary>
    /// <param name="hint">Where the swarm's slot probably is.</param>
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
                // Planters have their own quotas. An order that was stored durably is not rejected here.
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
    /// Removes the peers of swarms that the rules deny, checking a bounded number of slots from <paramref name="slot"/>
    /// on. Returns true at the end.
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
    /// Visits swarms from <paramref name="slot"/> on, a bounded number per call. Returns true at the end; false if
    /// there are more, or if the visitor stopped.
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
        ReadOnlySpan<SwarmPeer> reported,
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
                peers.AddShared(partner, reported, gone, totals, now, context);
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

    /// <summary>
    /// Removes expired peers in a bounded part of the shard. Returns true at the end; the next call then starts over.
    /// </summary>
    public bool Sweep(TrackerTime now)
    {
        using (AcquireLock())
        {
            now = Advance(now);
            for (var scanned = 0; scanned < TrackerLimits.SweepSlice; sweepSlot++)
            {
                if (sweepSlot >= table.Slots)
                {
                    sweepSlot = 0;
                    return true;
                }
                ref var swarm = ref table[sweepSlot];
                scanned += 4;
                if (
                    swarm.IsInUse
                    && (swarm.Peers is not null || (swarm.State & SwarmState.HasSingle) != SwarmState.None)
                )
                {
                    var peers = packer.Unpack(ref swarm);
                    scanned += peers.Count;
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

    /// <summary>Releases all unmanaged memory, when the store is disposed of and no longer in use.</summary>
    public void ReleaseAll()
    {
        packer.ReleaseAll();
        context.Changes.Release();
    }

    private LockScope AcquireLock() => new(this);

    /// <summary>
    /// Loops read the clock before they take the lock, so times can arrive out of order. A shard's time never goes
    /// back.
    /// </summary>
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

    /// <summary>Holds the lock, and keeps the store alive: its finalizer would release the memory in use.</summary>
    private readonly ref struct LockScope
    {
        private readonly SwarmShard shard;

        public LockScope(SwarmShard shard)
        {
            this.shard = shard;
            var isTaken = false;
            shard.spinLock.Enter(ref isTaken);
        }

        public void Dispose()
        {
            shard.spinLock.Exit(useMemoryBarrier: false);
            GC.KeepAlive(shard.store);
        }
    }
}
