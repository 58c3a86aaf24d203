using Anatomic.Wire.Identity;

namespace Anatomic.Federation.Placement;

/// <summary>A live node, as placement sees it.</summary>
/// <param name="Id">The node's id; breaks ties within a prefix, and only there.</param>
/// <param name="Prefix">The network it lives in.</param>
/// <param name="Weight">1–4: how many draws its prefix gets for it; what lies outside is brought inside.</param>
public readonly record struct PlacementCandidate(NodeId Id, PlacementPrefix Prefix, int Weight);
