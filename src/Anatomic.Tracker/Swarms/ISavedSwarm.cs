using Anatomic.Tracker.Peers;
using Anatomic.Wire;

namespace Anatomic.Tracker.Swarms;

/// <summary>A swarm, or a part of one, that a shard restores.</summary>
internal interface ISavedSwarm
{
    Hash20 Swarm { get; }
    int Downloaded { get; }

    /// <summary>In seconds since the start, negative if before it; or <see cref="SwarmSlot.Never"/>.</summary>
    int LastAnnounce(in TrackerTime now);

    /// <summary>Adds the saved peers that have not expired. Returns their number.</summary>
    int RestorePeers(SwarmPeers peers, in TrackerTime now, ShardContext shard);
}
