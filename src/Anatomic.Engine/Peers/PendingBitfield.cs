using System.Diagnostics.CodeAnalysis;
using Anatomic.Wire;

namespace Anatomic.Engine.Peers;

/// <summary>
/// Collects the pieces a peer announces before the metadata, and with it the number of pieces, is known.
/// </summary>
internal sealed class PendingBitfield
{
    private readonly List<PieceIndex> haves = [];
    private byte[]? bitfield;
    private bool hasAll;

    public void SetBitfield(ReadOnlySpan<byte> bits) => bitfield = bits.ToArray();

    public void SetAll() => hasAll = true;

    public void AddHave(PieceIndex piece)
    {
        if (haves.Count < EngineLimits.MaxPendingHaves)
        {
            haves.Add(piece);
        }
    }

    /// <summary>
    /// Builds the piece set of a torrent with <paramref name="pieceCount"/> pieces; false when it does not fit.
    /// </summary>
    public bool TryBuild(int pieceCount, out PieceSet pieces, [NotNullWhen(false)] out Fault? fault)
    {
        fault = null;
        pieces = new PieceSet(pieceCount);
        if (bitfield is not null && !PieceSet.TryRead(bitfield, pieceCount, out pieces))
        {
            fault = new Fault($"the peer's bitfield does not fit {pieceCount:N0} pieces");
            return false;
        }
        if (hasAll)
        {
            pieces.AddAll();
        }
        foreach (var piece in haves)
        {
            if (piece.Value >= pieceCount)
            {
                fault = new Fault($"the peer claims to have piece {piece.Value:N0} of {pieceCount:N0}");
                return false;
            }
            pieces.Add(piece);
        }
        return true;
    }
}
