using Anatomic.Wire;

namespace Anatomic.Tracker.Snapshots;

/// <summary>The result of loading a snapshot.</summary>
/// <param name="Peers">The number of peers restored.</param>
/// <param name="Fault">Why nothing was restored. Null: the file was valid, or there was none.</param>
public sealed record SnapshotLoadResult(long Peers, Fault? Fault);
