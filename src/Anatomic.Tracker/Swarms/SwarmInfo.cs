using Anatomic.Wire;

namespace Anatomic.Tracker.Swarms;

/// <summary>A swarm's hash, and whether it is planted: only then are its changes reported to partners.</summary>
internal readonly record struct SwarmInfo(Hash20 Hash, bool IsPlanted);
