using Anatomic.Tracker.Statistics;
using Anatomic.Wire.Network;

namespace Anatomic.Tracker.Swarms;

/// <summary>The result of an announce.</summary>
internal readonly record struct AnnounceResult(RequestOutcome Outcome, SwarmTotals Totals, int IntervalSeconds);
