using Anatomic.Wire;

namespace Anatomic.Tracker.Swarms;

/// <summary>A swarm's hash, and whether partners are told of it.</summary>
internal readonly record struct SwarmInfo(Hash20 Hash, bool IsPlanted);
