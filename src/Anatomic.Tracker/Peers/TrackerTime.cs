using System.Runtime.CompilerServices;

namespace Anatomic.Tracker.Peers;

/// <summary>A time as the swarms see it, and what holds then.</summary>
/// <param name="Tick">Ticks since the start; <see cref="PeerAge.TimeoutTicksNormal"/> of them are a peer's life when there is no hurry.</param>
/// <param name="Second">Whole seconds since the start.</param>
/// <param name="Microsecond">Whole microseconds since the start.</param>
/// <param name="TimeoutTicks">A peer that has been silent for so many ticks is gone.</param>
/// <param name="IntervalSeconds">What clients are told, before the jitter.</param>
internal readonly record struct TrackerTime(
    int Tick,
    int Second,
    long Microsecond,
    int TimeoutTicks,
    int IntervalSeconds
);
