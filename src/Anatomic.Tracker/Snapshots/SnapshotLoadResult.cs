using Anatomic.Wire;

namespace Anatomic.Tracker.Snapshots;

/// <summary>What came of loading a snapshot.</summary>
/// <param name="Peers">Peers that are known again.</param>
/// <param name="Fault">Why nothing was taken from the file; null: it was whole, or there was none.</param>
public sealed record SnapshotLoadResult(long Peers, Fault? Fault);
