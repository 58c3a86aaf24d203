using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;

namespace Anatomic.Federation.Planting;

/// <summary>What was found out before anything is signed.</summary>
/// <param name="Asked">Supernodes that proved themselves and were asked.</param>
/// <param name="Told">Where receipts go: those asked, and the torrent's own.</param>
/// <param name="Candidates">Up to 12 nodes: those that hold the torrent already first, then in placement order.</param>
/// <param name="Orders">Orders of the torrent that are known, checked.</param>
/// <param name="Records">The newest record of every node that was named.</param>
internal sealed record CandidateSelection(
    IReadOnlyList<SupernodeAddress> Asked,
    IReadOnlyList<SupernodeAddress> Told,
    IReadOnlyList<Signed<NodeRecord>> Candidates,
    IReadOnlyList<KnownOrder> Orders,
    IReadOnlyDictionary<NodeId, Signed<NodeRecord>> Records
);

/// <summary>An order of the torrent and its live holders.</summary>
internal sealed record KnownOrder(Signed<PlantOrder> Order, IReadOnlyList<NodeId> Holders);
