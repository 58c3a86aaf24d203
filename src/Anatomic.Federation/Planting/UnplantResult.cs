using Anatomic.Wire;
using Anatomic.Wire.Identity;

namespace Anatomic.Federation.Planting;

/// <summary>What taking a torrent back gave.</summary>
/// <param name="Orders">Digests of the orders that were withdrawn.</param>
/// <param name="Withdrawn">Nodes that confirmed.</param>
/// <param name="Unreached">
/// Nodes that did not answer; they hear of it from the other candidates' tombstones, which stay for 400 days.
/// </param>
public sealed record UnplantResult(
    IReadOnlyList<Hash32> Orders,
    IReadOnlyList<NodeId> Withdrawn,
    IReadOnlyList<NodeId> Unreached
);
