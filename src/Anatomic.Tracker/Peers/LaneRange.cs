namespace Anatomic.Tracker.Peers;

/// <summary>The lanes of a vector that a kernel considers.</summary>
internal readonly record struct LaneRange(int First, int Count);
