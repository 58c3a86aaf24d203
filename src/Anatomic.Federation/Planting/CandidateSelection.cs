using Anatomic.Federation.Lookup;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;

namespace Anatomic.Federation.Planting;

/// <summary>The result of the step 'choose', before anything is signed.</summary>
/// <param name="Asked">Supernodes that proved their id and were asked.</param>
/// <param name="Notified">Supernodes that will receive the receipts: those asked, and the torrent's own.</param>
/// <param name="Candidates">Up to 12 nodes: holders of the torrent first, then by placement.</param>
/// <param name="Orders">Known orders of the torrent, verified.</param>
/// <param name="Records">The newest record of each node that was named.</param>
internal sealed record CandidateSelection(
    IReadOnlyList<SupernodeAddress> Asked,
    IReadOnlyList<SupernodeAddress> Notified,
    IReadOnlyList<Signed<NodeRecord>> Candidates,
    IReadOnlyList<VerifiedLookup> Orders,
    IReadOnlyDictionary<NodeId, Signed<NodeRecord>> Records
);
