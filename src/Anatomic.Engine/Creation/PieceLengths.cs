using System.Numerics;
using Anatomic.Wire;

namespace Anatomic.Engine.Creation;

/// <summary>How long the pieces of a new torrent are.</summary>
internal static class PieceLengths
{
    // Some 2,000 pieces: a file of 40 KB for v1, and a piece is still lost for little.
    private const int AimedPieces = 2_048;

    // Longer ones gain nothing, and a peer must have a whole piece before it can give any of it.
    private const int LongestChosen = 16 << 20;

    /// <summary>A power of two from 16 KiB to 16 MiB.</summary>
    public static int For(long size)
    {
        var wanted = Math.Clamp(size / AimedPieces, MetainfoLimits.MinPieceLengthV2, LongestChosen);
        return (int)BitOperations.RoundUpToPowerOf2((uint)wanted);
    }

    /// <summary>What is wrong with a piece length that a person chose; null when nothing is.</summary>
    public static string? Fault(int pieceLength) =>
        pieceLength >= MetainfoLimits.MinPieceLengthV2
        && pieceLength <= MetainfoLimits.MaxPieceLength
        && BitOperations.IsPow2(pieceLength)
            ? null
            : $"A piece length of {pieceLength:N0} bytes is not a power of two from 16 KiB to 128 MiB.";
}
