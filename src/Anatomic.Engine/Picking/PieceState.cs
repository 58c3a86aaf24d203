namespace Anatomic.Engine.Picking;

/// <summary>The state of a piece; each piece is in exactly one.</summary>
internal enum PieceState : byte
{
    /// <summary>No block of it is requested.</summary>
    Missing,

    /// <summary>Some blocks are requested or received.</summary>
    Partial,

    /// <summary>All blocks are received; the piece is hashed, then written.</summary>
    Complete,

    /// <summary>Verified and written.</summary>
    Have,
}
