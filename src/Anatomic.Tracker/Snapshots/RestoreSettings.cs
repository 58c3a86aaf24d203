namespace Anatomic.Tracker.Snapshots;

/// <summary>How a snapshot is restored.</summary>
/// <param name="Downtime">The time since it was saved, by the wall clock. All ages in it grow by this.</param>
/// <param name="Tick">The length of a tick.</param>
/// <param name="AllowPrivate">Whether to restore peers without a public address.</param>
internal sealed record RestoreSettings(TimeSpan Downtime, TimeSpan Tick, bool AllowPrivate);
