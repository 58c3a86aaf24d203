using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Anatomic.Wire.Peers;

/// <summary>Message ids (BEP 3, 5, 6, 10, 52).</summary>
public enum PeerMessageId
{
    /// <summary>A message without an id.</summary>
    KeepAlive = -1,
    Choke = 0,
    Unchoke = 1,
    Interested = 2,
    NotInterested = 3,
    Have = 4,
    Bitfield = 5,
    Request = 6,
    Piece = 7,
    Cancel = 8,
    Port = 9,
    SuggestPiece = 13,
    HaveAll = 14,
    HaveNone = 15,
    RejectRequest = 16,
    AllowedFast = 17,
    Extended = 20,
    HashRequest = 21,
    Hashes = 22,
    HashReject = 23,

    /// <summary>An unknown id; BEP 3 lets us ignore such messages.</summary>
    Unknown = 256,
}

/// <summary>A part of a piece in request, cancel, reject and piece messages.</summary>
/// <param name="Begin">Offset in the piece, in bytes.</param>
/// <param name="Length">In bytes.</param>
public readonly record struct BlockRange(PieceIndex Piece, int Begin, int Length);

/// <summary>
/// One message with its numbers parsed and its lengths checked. The payload points into the buffer it was read from.
/// </summary>
public readonly ref struct PeerMessage
{
    private PeerMessage(PeerMessageId id, BlockRange block, ReadOnlySpan<byte> payload)
    {
        Id = id;
        Block = block;
        Payload = payload;
    }

    public PeerMessageId Id { get; }

    /// <summary>
    /// Request, cancel, reject: the block. Piece: the block, with the payload's length. Have, suggest, allowed fast:
    /// the piece. Port: the port, as length.
    /// </summary>
    public BlockRange Block { get; }

    public PieceIndex PieceIndex => Block.Piece;

    /// <summary>Extended: 0 for the handshake, otherwise the id that we gave the extension (BEP 10).</summary>
    public byte ExtendedId => (byte)Block.Piece.Value;

    /// <summary>
    /// Bitfield: its bytes. Piece: the block's bytes. Extended: what follows the id. Hash messages: the whole body.
    /// </summary>
    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>
    /// Reads the length prefix. False when it is incomplete, or with a fault when the message would be longer than
    /// <see cref="PeerLimits.MaxMessageBytes"/>.
    /// </summary>
    /// <param name="bytes">The received bytes, from the prefix on.</param>
    /// <param name="length">Length of the message after its 4-byte prefix.</param>
    /// <param name="fault">Null when more bytes are needed.</param>
    public static bool TryReadLength(ReadOnlySpan<byte> bytes, out int length, out Fault? fault)
    {
        length = 0;
        fault = null;
        if (bytes.Length < 4)
        {
            return false;
        }
        var claimed = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        if (claimed > PeerLimits.MaxMessageBytes)
        {
            fault = new Fault($"a message has {claimed:N0} bytes; at most {PeerLimits.MaxMessageBytes:N0} are allowed");
            return false;
        }
        length = (int)claimed;
        return true;
    }

    /// <summary>Reads the body of a message, which follows the length prefix.</summary>
    public static bool TryRead(ReadOnlySpan<byte> body, out PeerMessage message, [NotNullWhen(false)] out Fault? fault)
    {
        fault = null;
        message = default;
        if (body.IsEmpty)
        {
            message = new PeerMessage(PeerMessageId.KeepAlive, default, default);
            return true;
        }
        var id = (PeerMessageId)body[0];
        var rest = body[1..];
        switch (id)
        {
            case PeerMessageId.Choke:
            case PeerMessageId.Unchoke:
            case PeerMessageId.Interested:
            case PeerMessageId.NotInterested:
            case PeerMessageId.HaveAll:
            case PeerMessageId.HaveNone:
                message = new PeerMessage(id, default, default);
                return HasLength(id, rest, 0, ref fault);
            case PeerMessageId.Have:
            case PeerMessageId.SuggestPiece:
            case PeerMessageId.AllowedFast:
                return HasLength(id, rest, 4, ref fault) && TryReadNumbers(id, rest, ref message, ref fault);
            case PeerMessageId.Request:
            case PeerMessageId.Cancel:
            case PeerMessageId.RejectRequest:
                return HasLength(id, rest, 12, ref fault) && TryReadNumbers(id, rest, ref message, ref fault);
            case PeerMessageId.Piece:
                return TryReadPiece(rest, ref message, ref fault);
            case PeerMessageId.Port:
                if (!HasLength(id, rest, 2, ref fault))
                {
                    return false;
                }
                message = new PeerMessage(id, new(new(0), 0, BinaryPrimitives.ReadUInt16BigEndian(rest)), default);
                return true;
            case PeerMessageId.Extended:
                if (rest.IsEmpty)
                {
                    fault = new Fault("an extended message has no id");
                    return false;
                }
                message = new PeerMessage(id, new(new(rest[0]), 0, 0), rest[1..]);
                return true;
            case PeerMessageId.Bitfield:
            case PeerMessageId.HashRequest:
            case PeerMessageId.Hashes:
            case PeerMessageId.HashReject:
                message = new PeerMessage(id, default, rest);
                return true;
            default:
                message = new PeerMessage(PeerMessageId.Unknown, default, rest);
                return true;
        }
    }

    private static bool HasLength(
        PeerMessageId id,
        ReadOnlySpan<byte> rest,
        int length,
        [NotNullWhen(false)] ref Fault? fault
    )
    {
        if (rest.Length == length)
        {
            return true;
        }
        fault = new Fault($"a message {id} has {rest.Length:N0} bytes after its id instead of {length}");
        return false;
    }

    /// <summary>Reads a piece, and begin and length if present; all are below 2^31.</summary>
    private static bool TryReadNumbers(
        PeerMessageId id,
        ReadOnlySpan<byte> rest,
        ref PeerMessage message,
        [NotNullWhen(false)] ref Fault? fault
    )
    {
        var piece = BinaryPrimitives.ReadInt32BigEndian(rest);
        var begin = rest.Length == 12 ? BinaryPrimitives.ReadInt32BigEndian(rest[4..]) : 0;
        var length = rest.Length == 12 ? BinaryPrimitives.ReadInt32BigEndian(rest[8..]) : 0;
        if (piece < 0 || begin < 0 || length < 0)
        {
            fault = new Fault($"a message {id} contains a number above 2^31 − 1");
            return false;
        }
        message = new PeerMessage(id, new(new(piece), begin, length), default);
        return true;
    }

    private static bool TryReadPiece(
        ReadOnlySpan<byte> rest,
        ref PeerMessage message,
        [NotNullWhen(false)] ref Fault? fault
    )
    {
        if (!TryReadPieceHeader(rest, rest.Length + 1, out var block, out fault))
        {
            return false;
        }
        message = new PeerMessage(PeerMessageId.Piece, block, rest[8..]);
        return true;
    }

    /// <summary>
    /// Reads only the head of a piece message, so that the block can be received straight into its destination.
    /// </summary>
    /// <param name="afterId">At least the 8 bytes after the id.</param>
    /// <param name="messageLength">The message's length from its prefix.</param>
    /// <param name="block">The block, as long as the message's data.</param>
    /// <param name="fault">What is wrong with it.</param>
    public static bool TryReadPieceHeader(
        ReadOnlySpan<byte> afterId,
        int messageLength,
        out BlockRange block,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        block = default;
        fault = null;
        if (messageLength <= PeerLimits.PieceHeaderBytes || afterId.Length < 8)
        {
            fault = new Fault("a piece message contains no data");
            return false;
        }
        var piece = BinaryPrimitives.ReadInt32BigEndian(afterId);
        var begin = BinaryPrimitives.ReadInt32BigEndian(afterId[4..]);
        if (piece < 0 || begin < 0)
        {
            fault = new Fault("a piece message contains a number above 2^31 − 1");
            return false;
        }
        block = new BlockRange(new(piece), begin, messageLength - PeerLimits.PieceHeaderBytes);
        return true;
    }
}
