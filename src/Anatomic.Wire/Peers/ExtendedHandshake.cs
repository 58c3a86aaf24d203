using System.Diagnostics.CodeAnalysis;
using System.Text;
using Anatomic.Wire.Bencoding;

namespace Anatomic.Wire.Peers;

/// <summary>The handshake of the extension protocol (BEP 10), extended message 0.</summary>
public sealed record ExtendedHandshake
{
    /// <summary>The sender's id for metadata messages (BEP 9), 1–255; 0: not supported.</summary>
    public byte MetadataId { get; init; }

    /// <summary>Length of the info dictionary (BEP 9) in bytes; null when the sender does not have it.</summary>
    public int? MetadataBytes { get; init; }

    /// <summary>Name and version of the client, at most 64 characters; empty when not given.</summary>
    public string Client { get; init; } = "";

    /// <summary>The sender's listening port, 1–65535; null when not given.</summary>
    public int? Port { get; init; }

    /// <summary>How many outstanding requests the sender accepts; null when not given (250 by BEP 10).</summary>
    public int? RequestQueue { get; init; }

    /// <summary>Whether the sender downloads nothing (BEP 21).</summary>
    public bool UploadOnly { get; init; }

    public static bool TryRead(
        ReadOnlyMemory<byte> payload,
        [NotNullWhen(true)] out ExtendedHandshake? handshake,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        handshake = null;
        if (payload.Length > PeerLimits.MaxExtendedHandshakeBytes)
        {
            fault = new Fault($"an extended handshake of {payload.Length:N0} bytes is too long");
            return false;
        }
        // Some clients do not sort their keys, and some send bytes after the end.
        if (!BencodeValue.TryParsePrefix(payload, BencodeMode.Tolerant, out var value, out fault))
        {
            return false;
        }
        if (value.Kind != BencodeKind.Dictionary)
        {
            fault = new Fault("an extended handshake is not a dictionary", 0);
            return false;
        }
        var names = value.Find("m"u8);
        if (names is { Kind: BencodeKind.Dictionary, Entries.Count: > PeerLimits.MaxExtensions })
        {
            fault = new Fault($"an extended handshake names more than {PeerLimits.MaxExtensions} extensions");
            return false;
        }
        long size = 0;
        if (value.TryGetInteger("metadata_size"u8, out size) && size > PeerLimits.MaxMetadataBytes)
        {
            fault = new Fault(
                $"the peer's metadata has {size:N0} bytes; at most {PeerLimits.MaxMetadataBytes:N0} are allowed"
            );
            return false;
        }
        handshake = new ExtendedHandshake
        {
            MetadataId = names is not null && Number(names, "ut_metadata"u8, 1, 255) is { } id ? (byte)id : (byte)0,
            MetadataBytes = size > 0 ? (int)size : null,
            Client = value.TryGetText("v"u8, out var client) ? Short(client) : "",
            Port = Number(value, "p"u8, 1, 65535),
            RequestQueue = Number(value, "reqq"u8, 1, int.MaxValue),
            UploadOnly = value.TryGetInteger("upload_only"u8, out var only) && only != 0,
        };
        return true;
    }

    /// <summary>The payload of extended message 0.</summary>
    public byte[] Write()
    {
        var writer = new BencodeWriter().BeginDictionary().Key("m"u8).BeginDictionary();
        if (MetadataId > 0)
        {
            writer.Key("ut_metadata"u8).Integer(MetadataId);
        }
        writer.End();
        Optional(writer, "metadata_size"u8, MetadataBytes);
        Optional(writer, "p"u8, Port);
        Optional(writer, "reqq"u8, RequestQueue);
        Optional(writer, "upload_only"u8, UploadOnly ? 1 : null);
        if (Client.Length > 0)
        {
            writer.Key("v"u8).Text(Client);
        }
        return writer.End().ToArray();
    }

    private static void Optional(BencodeWriter writer, ReadOnlySpan<byte> key, int? value)
    {
        if (value is { } number)
        {
            writer.Key(key).Integer(number);
        }
    }

    private static int? Number(BencodeValue from, ReadOnlySpan<byte> key, int least, int most) =>
        from.TryGetInteger(key, out var value) && value >= least && value <= most ? (int)value : null;

    /// <summary>
    /// Shortens the client's name. Replaces control characters, which would reach a terminal, and does not split
    /// surrogate pairs.
    /// </summary>
    private static string Short(string client)
    {
        var text = new StringBuilder();
        foreach (var letter in client.EnumerateRunes())
        {
            if (text.Length + letter.Utf16SequenceLength > PeerLimits.MaxClientChars)
            {
                break;
            }
            text.Append(Rune.IsControl(letter) ? "?" : letter.ToString());
        }
        return text.ToString();
    }
}
