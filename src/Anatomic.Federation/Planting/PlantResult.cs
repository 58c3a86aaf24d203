using Anatomic.Wire;
using Anatomic.Wire.Identity;

namespace Anatomic.Federation.Planting;

/// <summary>What planting gave.</summary>
/// <param name="Torrent">The new torrent file; its info dictionary is byte for byte that of the old one.</param>
/// <param name="Magnet">The magnet link with the same trackers.</param>
/// <param name="Order">Digest of the order.</param>
/// <param name="Holders">The nodes that gave a receipt, in the order of the tier they stand in.</param>
/// <param name="Wanted">How many were wanted.</param>
/// <param name="Supernodes">Supernodes named in the file, as <c>URL#id</c>.</param>
/// <param name="Remarks">What a person should know: fewer holders than wanted, nodes that refused and why.</param>
public sealed record PlantResult(
    ReadOnlyMemory<byte> Torrent,
    string Magnet,
    Hash32 Order,
    IReadOnlyList<PlantHolder> Holders,
    int Wanted,
    IReadOnlyList<string> Supernodes,
    IReadOnlyList<string> Remarks
);

/// <summary>A node that holds the torrent.</summary>
/// <param name="Id">The node's id.</param>
/// <param name="AnnounceUrls">Its trackers: HTTP first, then UDP where it has it.</param>
public sealed record PlantHolder(NodeId Id, IReadOnlyList<string> AnnounceUrls);
