using System.Numerics;
using Anatomic.Wire;

namespace Anatomic.Engine.Creation;

/// <summary>Chooses and validates the piece length of a new torrent.</summary>
internal static class PieceLengths
{
    // About 2,000 pieces: a v1 torrent file has 40 KB, and a failed piece costs little.
    private const int TargetPieceCount = 2_048;

    // Longer pieces gain nothing, and a peer can upload a piece only once it is complete.
    private const int MaxChosenLength = 16 << 20;

    /// <summary>Chooses a power of two from 16 KiB to 16 MiB for the total size.</summary>
    public static int Choose(long size)
    {
        var length = Math.Clamp(size / TargetPieceCount, MetainfoLimits.MinPieceLengthV2, MaxChosenLength);
        return (int)BitOperations.RoundUpToPowerOf2((uint)length);
    }

    /// <summary>Validates a piece length from the user; returns the fault, or null when it is valid.</summary>
    public static string? Validate(int pieceLength) =>
        pieceLength >= MetainfoLimits.MinPieceLengthV2
        && pieceLength <= MetainfoLimits.MaxPieceLength
        && BitOperations.IsPow2(pieceLength)
            ? null
            : $"The piece length of {pieceLength:N0} bytes is not a power of two from 16 KiB to 128 MiB.";
}
