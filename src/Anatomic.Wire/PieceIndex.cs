namespace Anatomic.Wire;

/// <summary>The index of a piece of a torrent, from 0.</summary>
public readonly record struct PieceIndex(int Value) : IComparable<PieceIndex>
{
    public int CompareTo(PieceIndex other) => Value.CompareTo(other.Value);

    public static bool operator <(PieceIndex left, PieceIndex right) => left.Value < right.Value;

    public static bool operator >(PieceIndex left, PieceIndex right) => left.Value > right.Value;

    public static bool operator <=(PieceIndex left, PieceIndex right) => left.Value <= right.Value;

    public static bool operator >=(PieceIndex left, PieceIndex right) => left.Value >= right.Value;

    public override string ToString() => Value.ToString();
}
