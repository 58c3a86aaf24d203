using System.Diagnostics.CodeAnalysis;
using Anatomic.Wire.Bencoding;

namespace Anatomic.Wire.Peers;

public enum MetadataKind
{
    Request = 0,
    Data = 1,
    Reject = 2,

    /// <summary>An unknown kind, to be ignored (BEP 9).</summary>
    Unknown = 3,
}

/// <summary>A message of the metadata extension (BEP 9).</summary>
/// <param name="Kind">Request, data or reject.</param>
/// <param name="Piece">Index of a 16 KiB piece of the info dictionary, from 0.</param>
/// <param name="TotalBytes">In data messages, the length of the info dictionary; otherwise null.</param>
/// <param name="Data">In data messages, the piece's bytes.</param>
public readonly record struct MetadataMessage(MetadataKind Kind, int Piece, int? TotalBytes, ReadOnlyMemory<byte> Data)
{
    public static MetadataMessage Request(int piece) => new(MetadataKind.Request, piece, null, default);

    public static MetadataMessage Reject(int piece) => new(MetadataKind.Reject, piece, null, default);

    public static bool TryRead(
        ReadOnlyMemory<byte> payload,
        out MetadataMessage message,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        message = default;
        if (!TryReadHead(payload, out var head, out fault))
        {
            return false;
        }
        if (
            !head.TryGetInteger("msg_type"u8, out var kind)
            || !head.TryGetInteger("piece"u8, out var piece)
            || piece is < 0 or > PeerLimits.MaxMetadataBytes / PeerLimits.MetadataPieceBytes
        )
        {
            fault = new Fault("a metadata message lacks a valid msg_type or piece");
            return false;
        }
        if (kind is < 0 or > 2)
        {
            message = new MetadataMessage(MetadataKind.Unknown, (int)piece, null, default);
            return true;
        }
        var data = kind == (long)MetadataKind.Data ? payload[head.Raw.Length..] : default;
        if (data.Length > PeerLimits.MetadataPieceBytes)
        {
            fault = new Fault($"a piece of metadata has {data.Length:N0} bytes", head.Raw.Length);
            return false;
        }
        int? total =
            head.TryGetInteger("total_size"u8, out var size) && size is > 0 and <= PeerLimits.MaxMetadataBytes
                ? (int)size
                : null;
        message = new MetadataMessage((MetadataKind)kind, (int)piece, total, data);
        return true;
    }

    public byte[] Write()
    {
        var writer = new BencodeWriter().BeginDictionary();
        writer.Key("msg_type"u8).Integer((int)Kind).Key("piece"u8).Integer(Piece);
        if (TotalBytes is { } total)
        {
            writer.Key("total_size"u8).Integer(total);
        }
        return writer.End().Raw(Data.Span).ToArray();
    }

    private static bool TryReadHead(
        ReadOnlyMemory<byte> payload,
        [NotNullWhen(true)] out BencodeValue? head,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        // The head has its own limit, so that the data after it can never become part of it.
        var bounded = payload[..Math.Min(payload.Length, PeerLimits.MaxMetadataHeadBytes)];
        if (!BencodeValue.TryParsePrefix(bounded, BencodeMode.Tolerant, out head, out fault))
        {
            return false;
        }
        if (head.Kind != BencodeKind.Dictionary)
        {
            fault = new Fault("a metadata message is not a dictionary", 0);
            return false;
        }
        return true;
    }
}
