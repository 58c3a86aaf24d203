namespace Anatomic.Tracker.Statistics;

/// <summary>The number of requests with one outcome, since the start.</summary>
public readonly record struct RequestCount(TrackerProtocol Protocol, RequestOutcome Outcome, long Count);
