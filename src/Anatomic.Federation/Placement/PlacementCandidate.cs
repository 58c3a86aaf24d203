using Anatomic.Wire.Identity;

namespace Anatomic.Federation.Placement;

/// <summary>A live node, as placement sees it.</summary>
/// <param name="Id">The node's id. It only breaks ties within a prefix.</param>
/// <param name="Prefix">Its network prefix.</param>
/// <param name="Weight">The number of draws for its prefix, clamped to 1–4.</param>
public readonly record struct PlacementCandidate(NodeId Id, PlacementPrefix Prefix, int Weight);
