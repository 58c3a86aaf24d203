using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Anatomic.Wire.Peers;

/// <summary>The pieces a peer may request while it is choked (BEP 6).</summary>
public static class AllowedFast
{
    /// <summary>
    /// BEP 6's canonical set. It depends on the peer's IPv4 network, so reconnecting from a neighbouring address gains
    /// no other pieces. BEP 6 defines no set for IPv6; there it is empty.
    /// </summary>
    /// <param name="peer">The peer's address.</param>
    /// <param name="infoHash">The torrent.</param>
    /// <param name="pieces">Number of pieces of the torrent.</param>
    /// <param name="count">Size of the set, at most the number of pieces.</param>
    public static IReadOnlyList<PieceIndex> Set(Endpoint peer, Hash20 infoHash, int pieces, int count)
    {
        var set = new List<PieceIndex>();
        if (!peer.IsV4)
        {
            return set;
        }
        count = Math.Min(count, pieces);
        Span<byte> x = stackalloc byte[24];
        BinaryPrimitives.WriteUInt32BigEndian(x, peer.V4 & 0xffff_ff00);
        infoHash.CopyTo(x[4..]);
        Span<byte> hash = stackalloc byte[Hash20.Length];
        SHA1.HashData(x, hash);
        while (set.Count < count)
        {
            for (var i = 0; i < 5 && set.Count < count; i++)
            {
                var piece = new PieceIndex((int)(BinaryPrimitives.ReadUInt32BigEndian(hash[(i * 4)..]) % (uint)pieces));
                if (!set.Contains(piece))
                {
                    set.Add(piece);
                }
            }
            SHA1.HashData(hash, hash);
        }
        return set;
    }
}
