using Anatomic.Tracker.Memory;
using Anatomic.Tracker.Peers;
using Anatomic.Tracker.Policy;
using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Tracker.Swarms;

/// <summary>The state that all swarms of a shard share.</summary>
/// <param name="renewTicks">See <see cref="RenewTicks"/>.</param>
internal sealed class ShardContext(ulong seed, int renewTicks, StoreBudget budget) : StoreContext(seed, budget)
{
    /// <summary>After this many ticks, a peer that announces again is reported to partners again.</summary>
    public int RenewTicks => renewTicks;

    /// <summary>Changes for the partners.</summary>
    public ChangeQueue Changes { get; } = new(TrackerLimits.MaxWaitingChanges, budget);

    public RecentV4Announces RecentV4Announces { get; } = new();
    public SplitMix64 Random = new(SplitMix64.Mix(seed));

    public int Seeds { get; private set; }
    public int Leechers { get; private set; }
    public int Shared { get; private set; }

    public void AddToLocalCount(bool isSeed, int by)
    {
        Seeds += isSeed ? by : 0;
        Leechers += isSeed ? 0 : by;
    }

    public void AddToSharedCount(int by) => Shared += by;

    /// <summary>
    /// Queues a change for the partners of a planted swarm. False: nothing was queued; the peer is reported at its next
    /// announce.
    /// </summary>
    public bool TryQueueChange(in SwarmInfo swarm, in Endpoint peer, bool isSeed, bool gone) =>
        swarm.IsPlanted && Changes.TryEnqueue(new SwarmChange(swarm.Hash, new SwarmPeer(peer, isSeed), gone));
}
