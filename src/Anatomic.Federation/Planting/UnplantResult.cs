using Anatomic.Wire;
using Anatomic.Wire.Identity;

namespace Anatomic.Federation.Planting;

/// <summary>The result of unplanting.</summary>
/// <param name="Orders">Digests of the orders that were ended.</param>
/// <param name="Withdrawn">Nodes that confirmed.</param>
/// <param name="Unreached">
/// Nodes that did not confirm. They learn of it from the other candidates' tombstones, which stay for 400 days.
/// </param>
public sealed record UnplantResult(
    IReadOnlyList<Hash32> Orders,
    IReadOnlyList<NodeId> Withdrawn,
    IReadOnlyList<NodeId> Unreached
);
