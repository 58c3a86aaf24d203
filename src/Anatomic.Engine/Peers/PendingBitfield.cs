using Anatomic.Wire;

namespace Anatomic.Engine.Peers;

/// <summary>What a peer says of its pieces before the metadata tells how many there are.</summary>
internal sealed class PendingBitfield
{
    /// <summary>More haves than that before the metadata is known are passed over: that costs only rarity.</summary>
    private const int MaxHaves = 4096;

    private readonly List<int> haves = [];
    private byte[]? bitfield;
    private bool all;

    public void Bitfield(ReadOnlySpan<byte> bits) => bitfield = bits.ToArray();

    public void All() => all = true;

    public void Have(int piece)
    {
        if (haves.Count < MaxHaves)
        {
            haves.Add(piece);
        }
    }

    /// <summary>Null and a fault when it does not fit the torrent.</summary>
    public PieceSet? Read(int pieces, out Fault? fault)
    {
        fault = null;
        var set = new PieceSet(pieces);
        if (bitfield is not null && !PieceSet.TryRead(bitfield, pieces, out set))
        {
            fault = new Fault($"the bitfield is not one of {pieces:N0} pieces");
            return null;
        }
        if (all)
        {
            set.AddAll();
        }
        foreach (var piece in haves)
        {
            if (piece >= pieces)
            {
                fault = new Fault($"the peer claims piece {piece:N0} of {pieces:N0}");
                return null;
            }
            set.Add(piece);
        }
        return set;
    }
}
