namespace Anatomic.Tracker.Swarms;

/// <summary>Visits the swarms of a shard under its lock. A visitor must not change them.</summary>
internal interface ISwarmVisitor
{
    /// <summary>Returns false to stop; the next visit starts with this swarm again.</summary>
    bool Visit(in SwarmSlot swarm, SwarmPeers peers);
}
