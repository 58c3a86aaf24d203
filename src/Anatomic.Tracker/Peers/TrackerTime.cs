namespace Anatomic.Tracker.Peers;

/// <summary>A point in time, and the timeout and interval at that time.</summary>
/// <param name="Tick">
/// Ticks since the start. A peer times out after <see cref="PeerAge.TimeoutTicksNormal"/> of them, or more under load.
/// </param>
/// <param name="Second">Whole seconds since the start.</param>
/// <param name="Microsecond">Whole microseconds since the start.</param>
/// <param name="TimeoutTicks">A peer that has been silent for this many ticks has expired.</param>
/// <param name="IntervalSeconds">The announce interval, without jitter.</param>
internal readonly record struct TrackerTime(
    int Tick,
    int Second,
    long Microsecond,
    int TimeoutTicks,
    int IntervalSeconds
);
