using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Anatomic.Wire.Proxies;

/// <summary>State of the bytes at the beginning of a connection from a proxy.</summary>
public enum ProxyHeaderResult
{
    /// <summary>Not enough bytes yet.</summary>
    Incomplete,

    /// <summary>A complete header.</summary>
    Complete,

    /// <summary>No header, or a malformed one.</summary>
    Invalid,
}

/// <summary>
/// Reads the PROXY protocol's header, which names the client's address before the first byte of the client: version 1
/// (a line of text) and version 2 (binary), as defined in HAProxy's proxy-protocol.txt. Allocates nothing.
/// </summary>
public static class ProxyHeader
{
    /// <summary>Longest line of version 1, with its line break (proxy-protocol.txt, 2.1).</summary>
    public const int MaxLineBytes = 107;

    /// <summary>Longest header of version 2; the fields that proxies add have a few hundred bytes.</summary>
    public const int MaxBinaryBytes = 4096;

    private const int BinaryHeadBytes = 16;
    private const int V4Bytes = 12;
    private const int V6Bytes = 36;

    private static readonly Fault NoHeader = new("the connection does not begin with a PROXY header");
    private static readonly Fault TooLong = new("the PROXY header is too long");
    private static readonly Fault BadLine = new("the PROXY header of version 1 is malformed");
    private static readonly Fault BadBinary = new("the PROXY header of version 2 is malformed");

    private static ReadOnlySpan<byte> LineStart => "PROXY "u8;

    private static ReadOnlySpan<byte> Signature =>
        [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A];

    /// <summary>Reads the header at the start of <paramref name="bytes"/>.</summary>
    /// <param name="bytes">What the connection has sent so far.</param>
    /// <param name="length">Length of a complete header.</param>
    /// <param name="client">
    /// The client named by a complete header; null when the proxy speaks for itself (a health check) or does not name
    /// the client.
    /// </param>
    /// <param name="fault">What is wrong with an invalid header.</param>
    public static ProxyHeaderResult Read(
        ReadOnlySpan<byte> bytes,
        out int length,
        out Endpoint? client,
        out Fault? fault
    )
    {
        (length, client, fault) = (0, null, null);
        if (bytes.StartsWith(Signature))
        {
            return ReadBinary(bytes, out length, out client, out fault);
        }
        if (bytes.StartsWith(LineStart))
        {
            return ReadLine(bytes, out length, out client, out fault);
        }
        if (LineStart.StartsWith(bytes) || Signature.StartsWith(bytes))
        {
            return ProxyHeaderResult.Incomplete;
        }
        fault = NoHeader;
        return ProxyHeaderResult.Invalid;
    }

    private static ProxyHeaderResult ReadLine(
        ReadOnlySpan<byte> bytes,
        out int length,
        out Endpoint? client,
        out Fault? fault
    )
    {
        (client, fault) = (null, null);
        var end = bytes[..Math.Min(bytes.Length, MaxLineBytes)].IndexOf("\r\n"u8);
        length = end + 2;
        if (end < 0)
        {
            fault = bytes.Length < MaxLineBytes ? null : TooLong;
            return fault is null ? ProxyHeaderResult.Incomplete : ProxyHeaderResult.Invalid;
        }
        var words = bytes[LineStart.Length..end];
        // Whatever follows UNKNOWN must be ignored.
        if (words.SequenceEqual("UNKNOWN"u8) || words.StartsWith("UNKNOWN "u8))
        {
            return ProxyHeaderResult.Complete;
        }
        if (TryReadWords(words, out client))
        {
            return ProxyHeaderResult.Complete;
        }
        fault = BadLine;
        return ProxyHeaderResult.Invalid;
    }

    /// <summary><c>TCP4 1.2.3.4 5.6.7.8 1234 80</c>: family, source, destination, and their ports.</summary>
    private static bool TryReadWords(ReadOnlySpan<byte> words, [NotNullWhen(true)] out Endpoint? client)
    {
        client = null;
        var family = ReadWord(ref words);
        var v4 = family.SequenceEqual("TCP4"u8);
        if (
            (!v4 && !family.SequenceEqual("TCP6"u8))
            || !TryReadAddress(ReadWord(ref words), v4, out var source)
            || !TryReadAddress(ReadWord(ref words), v4, out _)
            || !TryReadPort(ReadWord(ref words), out var port)
            || !TryReadPort(words, out _)
        )
        {
            return false;
        }
        client = Endpoint.From(source, port);
        return true;
    }

    /// <summary>Reads up to the next space and skips it.</summary>
    private static ReadOnlySpan<byte> ReadWord(ref ReadOnlySpan<byte> words)
    {
        var space = words.IndexOf((byte)' ');
        var word = space < 0 ? words : words[..space];
        words = space < 0 ? [] : words[(space + 1)..];
        return word;
    }

    private static bool TryReadAddress(ReadOnlySpan<byte> text, bool v4, out IPAddress address)
    {
        var fine =
            IPAddress.TryParse(text, out var read)
            && read.AddressFamily == (v4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6)
            // Programs disagree about IPv4 addresses with fewer than four numbers.
            && (!v4 || text.Count((byte)'.') == 3);
        address = read ?? IPAddress.None;
        return fine;
    }

    private static bool TryReadPort(ReadOnlySpan<byte> text, out ushort port) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port);

    private static ProxyHeaderResult ReadBinary(
        ReadOnlySpan<byte> bytes,
        out int length,
        out Endpoint? client,
        out Fault? fault
    )
    {
        (length, client, fault) = (0, null, null);
        if (bytes.Length < BinaryHeadBytes)
        {
            return ProxyHeaderResult.Incomplete;
        }
        var (version, command) = (bytes[12] >> 4, bytes[12] & 15);
        var rest = BinaryPrimitives.ReadUInt16BigEndian(bytes[14..]);
        length = BinaryHeadBytes + rest;
        fault =
            version != 2 || command > 1 ? BadBinary
            : length > MaxBinaryBytes ? TooLong
            : null;
        if (fault is not null)
        {
            return ProxyHeaderResult.Invalid;
        }
        if (bytes.Length < length)
        {
            return ProxyHeaderResult.Incomplete;
        }
        var isLocal = command == 0;
        var body = bytes.Slice(BinaryHeadBytes, rest);
        // Address family and transport of the client's connection; requests to a tracker's HTTP port use TCP only.
        const byte TcpOverV4 = 0x11;
        const byte TcpOverV6 = 0x21;
        var needed = bytes[13] switch
        {
            TcpOverV4 => V4Bytes,
            TcpOverV6 => V6Bytes,
            _ => 0,
        };
        if (isLocal || needed == 0)
        {
            return ProxyHeaderResult.Complete;
        }
        if (body.Length < needed)
        {
            fault = BadBinary;
            return ProxyHeaderResult.Invalid;
        }
        client =
            needed == V4Bytes
                ? Endpoint.FromV4(
                    BinaryPrimitives.ReadUInt32BigEndian(body),
                    BinaryPrimitives.ReadUInt16BigEndian(body[8..])
                )
                : Endpoint.FromV6(body, BinaryPrimitives.ReadUInt16BigEndian(body[32..]));
        return ProxyHeaderResult.Complete;
    }
}
