using Anatomic.Wire;

namespace Anatomic.Engine.Picking;

/// <summary>Pieces that are needed by an instant, the earliest first.</summary>
internal sealed class PieceDeadlines
{
    private readonly Dictionary<PieceIndex, DateTimeOffset> byPiece = [];
    private readonly List<(DateTimeOffset At, PieceIndex Piece)> ordered = [];

    public int Count => ordered.Count;

    public (DateTimeOffset At, PieceIndex Piece) this[int index] => ordered[index];

    public void Set(PieceIndex piece, DateTimeOffset at)
    {
        Clear(piece);
        byPiece.Add(piece, at);
        ordered.Insert(~ordered.BinarySearch((at, piece)), (at, piece));
    }

    public void Clear(PieceIndex piece)
    {
        if (byPiece.Remove(piece, out var at))
        {
            ordered.RemoveAt(ordered.BinarySearch((at, piece)));
        }
    }

    public void ClearAll()
    {
        byPiece.Clear();
        ordered.Clear();
    }
}
