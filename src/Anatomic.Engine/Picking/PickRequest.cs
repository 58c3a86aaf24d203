using Anatomic.Wire;

namespace Anatomic.Engine.Picking;

/// <summary>The source for which blocks are picked, and what limits the choice.</summary>
/// <param name="PeerNumber">The source's number, above 0.</param>
/// <param name="Pieces">The pieces it has.</param>
/// <param name="AllowedFast">The pieces it serves while it chokes us (BEP 6); null when it does not choke us.</param>
/// <param name="MaxNewPieces">How many pieces may be started, as memory permits.</param>
internal readonly record struct PickRequest(
    int PeerNumber,
    PieceSet Pieces,
    IReadOnlyCollection<PieceIndex>? AllowedFast,
    int MaxNewPieces
)
{
    /// <summary>Pieces of which it rejected a block lately; null when there are none.</summary>
    public HashSet<PieceIndex>? Rejected { get; init; }

    /// <summary>The time until a block that is requested now is expected.</summary>
    public TimeSpan QueueTime { get; init; }

    /// <summary>How many blocks may be requested that another source was asked for already.</summary>
    public int MaxRepeatedBlocks { get; init; } = int.MaxValue;

    /// <summary>The present, to compare deadlines with.</summary>
    public DateTimeOffset Now { get; init; }

    /// <summary>Whether the source may be asked for blocks of the piece.</summary>
    public bool Allows(PieceIndex piece) =>
        Pieces[piece]
        && (AllowedFast is null || AllowedFast.Contains(piece))
        && (Rejected is null || !Rejected.Contains(piece));
}
