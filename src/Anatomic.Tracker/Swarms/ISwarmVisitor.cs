namespace Anatomic.Tracker.Swarms;

/// <summary>Is shown the swarms of a shard under its lock; changes nothing.</summary>
internal interface ISwarmVisitor
{
    /// <summary>False: enough for now; this swarm is shown again.</summary>
    bool Visit(in SwarmSlot swarm, SwarmPeers peers);
}
