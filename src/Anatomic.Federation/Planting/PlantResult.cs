using Anatomic.Wire;
using Anatomic.Wire.Identity;

namespace Anatomic.Federation.Planting;

/// <summary>The result of planting.</summary>
/// <param name="Torrent">The new torrent file. Its info dictionary is byte for byte that of the old one.</param>
/// <param name="Magnet">The magnet link with the same trackers.</param>
/// <param name="Order">The order's digest.</param>
/// <param name="Holders">The nodes that gave a receipt, in the order of their tracker tier.</param>
/// <param name="Wanted">The number of holders wanted.</param>
/// <param name="Supernodes">Supernodes named in the file, as <c>URL#id</c>.</param>
/// <param name="Remarks">Lines for a person: fewer holders than wanted, nodes that rejected the order and why.</param>
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
/// <param name="AnnounceUrls">Its trackers: HTTP first, then UDP if it has one.</param>
public sealed record PlantHolder(NodeId Id, IReadOnlyList<string> AnnounceUrls);
