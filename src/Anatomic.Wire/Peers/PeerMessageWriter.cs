using System.Buffers;
using System.Buffers.Binary;

namespace Anatomic.Wire.Peers;

/// <summary>Writes messages with their length prefix (BEP 3, 6, 10, 52).</summary>
public static class PeerMessageWriter
{
    /// <summary>Length of everything before a block: prefix, id, index, begin.</summary>
    public const int PiecePrefixBytes = 13;

    /// <summary>Length of a request, cancel or reject message.</summary>
    public const int RequestBytes = 17;

    public static void KeepAlive(IBufferWriter<byte> output) => Head(output, 0, PeerMessageId.KeepAlive);

    /// <summary>A message without content: choke, unchoke, interested, not interested, have all, have none.</summary>
    public static void Plain(IBufferWriter<byte> output, PeerMessageId id)
    {
        Invariant.Holds(
            id
                is (>= PeerMessageId.Choke and <= PeerMessageId.NotInterested)
                    or PeerMessageId.HaveAll
                    or PeerMessageId.HaveNone
        );
        Head(output, 1, id);
    }

    /// <summary>A message with one piece: have, suggest piece, allowed fast.</summary>
    public static void Index(IBufferWriter<byte> output, PeerMessageId id, PieceIndex piece)
    {
        Invariant.Holds(id is PeerMessageId.Have or PeerMessageId.SuggestPiece or PeerMessageId.AllowedFast);
        var into = output.GetSpan(9);
        Prefix(into, 5, id);
        BinaryPrimitives.WriteInt32BigEndian(into[5..], piece.Value);
        output.Advance(9);
    }

    /// <summary>A message with one block: request, cancel, reject.</summary>
    public static void Block(IBufferWriter<byte> output, PeerMessageId id, BlockRange block)
    {
        Invariant.Holds(id is PeerMessageId.Request or PeerMessageId.Cancel or PeerMessageId.RejectRequest);
        var into = output.GetSpan(RequestBytes);
        Prefix(into, 13, id);
        BinaryPrimitives.WriteInt32BigEndian(into[5..], block.Piece.Value);
        BinaryPrimitives.WriteInt32BigEndian(into[9..], block.Begin);
        BinaryPrimitives.WriteInt32BigEndian(into[13..], block.Length);
        output.Advance(RequestBytes);
    }

    /// <summary>
    /// Writes only the head of a piece message, <see cref="PiecePrefixBytes"/> long; the caller sends the block's bytes
    /// after it.
    /// </summary>
    public static void PiecePrefix(Span<byte> into, BlockRange block)
    {
        Prefix(into, PeerLimits.PieceHeaderBytes + block.Length, PeerMessageId.Piece);
        BinaryPrimitives.WriteInt32BigEndian(into[5..], block.Piece.Value);
        BinaryPrimitives.WriteInt32BigEndian(into[9..], block.Begin);
    }

    /// <param name="bits">
    /// One bit per piece, the first in the highest bit of the first byte; unused bits are zero.
    /// </param>
    public static void Bitfield(IBufferWriter<byte> output, ReadOnlySpan<byte> bits)
    {
        Head(output, 1 + bits.Length, PeerMessageId.Bitfield);
        output.Write(bits);
    }

    /// <param name="id">
    /// 0 for the extended handshake, otherwise the id that the peer chose for the extension (BEP 10).
    /// </param>
    public static void Extended(IBufferWriter<byte> output, byte id, ReadOnlySpan<byte> payload)
    {
        Head(output, 2 + payload.Length, PeerMessageId.Extended);
        output.Write([id]);
        output.Write(payload);
    }

    /// <summary>A hash request, a hashes message or a hash reject (BEP 52); only the second carries hashes.</summary>
    public static void HashMessage(
        IBufferWriter<byte> output,
        PeerMessageId id,
        in HashRange range,
        ReadOnlySpan<byte> hashes = default
    )
    {
        Invariant.Holds(id is PeerMessageId.HashRequest or PeerMessageId.Hashes or PeerMessageId.HashReject);
        Head(output, 1 + HashRange.Bytes + hashes.Length, id);
        range.Write(output.GetSpan(HashRange.Bytes));
        output.Advance(HashRange.Bytes);
        output.Write(hashes);
    }

    private static void Head(IBufferWriter<byte> output, int length, PeerMessageId id)
    {
        var into = output.GetSpan(5);
        Prefix(into, length, id);
        output.Advance(id == PeerMessageId.KeepAlive ? 4 : 5);
    }

    private static void Prefix(Span<byte> into, int length, PeerMessageId id)
    {
        BinaryPrimitives.WriteInt32BigEndian(into, length);
        if (id != PeerMessageId.KeepAlive)
        {
            into[4] = (byte)id;
        }
    }
}
