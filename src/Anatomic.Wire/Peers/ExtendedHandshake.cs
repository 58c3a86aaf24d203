using System.Diagnostics.CodeAnalysis;
using System.Text;
using Anatomic.Wire.Bencoding;

namespace Anatomic.Wire.Peers;

/// <summary>The handshake of the extension protocol (BEP 10), extended message 0.</summary>
public sealed record ExtendedHandshake
{
    /// <summary>
    /// The sender's ids for messages to it by the extension's name, 1 to 255; 0 ends the use of an extension. At most
    /// <see cref="PeerLimits.MaxExtensions"/>.
    /// </summary>
    public IReadOnlyDictionary<string, byte> Extensions { get; init; } = new Dictionary<string, byte>();

    /// <summary>Length of the info dictionary (BEP 9) in bytes; null when the sender does not have it.</summary>
    public int? MetadataBytes { get; init; }

    /// <summary>Name and version of the client, at most 64 characters; empty when not given.</summary>
    public string Client { get; init; } = "";

    /// <summary>The sender's listening port, 1–65535; null when not given.</summary>
    public int? Port { get; init; }

    /// <summary>How many outstanding requests the sender accepts; null when not given (250 by BEP 10).</summary>
    public int? RequestQueue { get; init; }

    /// <summary>Whether the sender downloads nothing (BEP 21); null when it does not say.</summary>
    public bool? UploadOnly { get; init; }

    /// <summary>
    /// Reads a handshake. A value that is missing, out of range or of the wrong kind counts as not given: none is
    /// needed.
    /// </summary>
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
        handshake = new ExtendedHandshake
        {
            Extensions = ReadExtensions(value.Find("m"u8)),
            MetadataBytes = Number(value, "metadata_size"u8, 1, PeerLimits.MaxMetadataBytes),
            Client = value.TryGetText("v"u8, out var client) ? Short(client) : "",
            Port = Number(value, "p"u8, 1, 65535),
            RequestQueue = Number(value, "reqq"u8, 1, int.MaxValue),
            UploadOnly = value.TryGetInteger("upload_only"u8, out var only) ? only != 0 : null,
        };
        return true;
    }

    /// <summary>The payload of extended message 0.</summary>
    public byte[] Write()
    {
        var writer = new BencodeWriter().BeginDictionary().Key("m"u8).BeginDictionary();
        foreach (var (name, id) in Extensions.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            writer.Key(Encoding.ASCII.GetBytes(name)).Integer(id);
        }
        writer.End();
        Optional(writer, "metadata_size"u8, MetadataBytes);
        Optional(writer, "p"u8, Port);
        Optional(writer, "reqq"u8, RequestQueue);
        Optional(writer, "upload_only"u8, UploadOnly is { } only ? (only ? 1 : 0) : null);
        if (Client.Length > 0)
        {
            writer.Key("v"u8).Text(Client);
        }
        return writer.End().ToArray();
    }

    /// <summary>
    /// The state after this handshake, which may repeat only what changed (BEP 10): what it does not give stays as it
    /// was in <paramref name="earlier"/>.
    /// </summary>
    public ExtendedHandshake After(ExtendedHandshake? earlier)
    {
        if (earlier is null)
        {
            return this;
        }
        var extensions = new Dictionary<string, byte>(earlier.Extensions);
        foreach (var (name, id) in Extensions)
        {
            if (extensions.Count < PeerLimits.MaxExtensions || extensions.ContainsKey(name))
            {
                extensions[name] = id;
            }
        }
        return new ExtendedHandshake
        {
            Extensions = extensions,
            MetadataBytes = MetadataBytes ?? earlier.MetadataBytes,
            Client = Client.Length > 0 ? Client : earlier.Client,
            Port = Port ?? earlier.Port,
            RequestQueue = RequestQueue ?? earlier.RequestQueue,
            UploadOnly = UploadOnly ?? earlier.UploadOnly,
        };
    }

    /// <summary>Equal when all values and extensions are.</summary>
    public bool Equals(ExtendedHandshake? other) =>
        other is not null
        && (MetadataBytes, Client, Port, RequestQueue, UploadOnly)
            == (other.MetadataBytes, other.Client, other.Port, other.RequestQueue, other.UploadOnly)
        && Extensions.Count == other.Extensions.Count
        && Extensions.All(own => other.Extensions.TryGetValue(own.Key, out var id) && id == own.Value);

    public override int GetHashCode() => Extensions.Count ^ (MetadataBytes ?? 0) ^ ((Port ?? 0) << 8);

    private static Dictionary<string, byte> ReadExtensions(BencodeValue? names)
    {
        var extensions = new Dictionary<string, byte>();
        if (names is not { Kind: BencodeKind.Dictionary })
        {
            return extensions;
        }
        foreach (var (name, id) in names.Entries)
        {
            if (extensions.Count >= PeerLimits.MaxExtensions)
            {
                break;
            }
            if (
                name.Length is > 0 and <= PeerLimits.MaxExtensionNameBytes
                && Ascii.IsValid(name.Span)
                && id is { Kind: BencodeKind.Integer, Integer: >= 0 and <= 255 }
            )
            {
                extensions[Encoding.ASCII.GetString(name.Span)] = (byte)id.Integer;
            }
        }
        return extensions;
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
