using Anatomic.Wire;

namespace Anatomic.Engine.Picking;

/// <summary>The peer for which blocks are picked, and what limits the choice.</summary>
/// <param name="PeerNumber">The peer's number, above 0.</param>
/// <param name="Pieces">The pieces the peer has.</param>
/// <param name="AllowedFast">The pieces it serves while it chokes us (BEP 6); null when it does not choke us.</param>
/// <param name="MaxNewPieces">How many pieces may be started, as memory permits.</param>
internal readonly record struct PickRequest(
    int PeerNumber,
    PieceSet Pieces,
    IReadOnlyCollection<PieceIndex>? AllowedFast,
    int MaxNewPieces
);
