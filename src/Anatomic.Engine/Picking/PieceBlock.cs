using Anatomic.Wire;

namespace Anatomic.Engine.Picking;

/// <summary>A block of 16 KiB, by its piece and its index within the piece.</summary>
internal readonly record struct PieceBlock(PieceIndex Piece, int Block);
