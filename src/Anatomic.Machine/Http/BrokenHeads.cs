using System.Buffers;
using System.Globalization;
using System.Text;

namespace Anatomic.Machine.Http;

/// <summary>
/// Refuses what is no request of HTTP/1 before anybody else has to look at it: it costs no more than an announce, and the reply says
/// what is wrong (RFC 9112, 3 to 5). Asked only of what a front does not answer; the ordinary pipeline judges the rest.
/// </summary>
internal static class BrokenHeads
{
    /// <summary>Decimal digits that every 64-bit number has room for.</summary>
    private const int MaxLengthDigits = 18;

    private static readonly SearchValues<byte> Token = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8
    );

    /// <summary>All but the tab, which values may have.</summary>
    private static readonly SearchValues<byte> Controls = SearchValues.Create([
        .. Enumerable.Range(0, 0x20).Where(code => code != '\t').Select(code => (byte)code),
        0x7f,
    ]);

    private static readonly SearchValues<byte> Digits = SearchValues.Create("0123456789"u8);

    private static readonly byte[] NoRequest = Reply(
        "400 Bad Request",
        "This is no HTTP: a request begins with a line such as GET /announce?info_hash=... HTTP/1.1"
    );

    private static readonly byte[] BadLine = Reply("400 Bad Request", "Lines end in CR LF");

    private static readonly byte[] BadHeader = Reply(
        "400 Bad Request",
        "A header is a name, a colon and a value without control characters"
    );

    private static readonly byte[] BadHost = Reply("400 Bad Request", "A request of HTTP/1.1 has one Host header");

    private static readonly byte[] BadLength = Reply("400 Bad Request", "Content-Length is one number of bytes");

    private static readonly byte[] BadVersion = Reply(
        "505 HTTP Version Not Supported",
        "HTTP/1.0 and HTTP/1.1 are spoken here"
    );

    private static readonly byte[] LongLine = Reply("414 URI Too Long", TooLong);

    private static readonly byte[] LongHead = Reply("431 Request Header Fields Too Large", TooLong);

    private static string TooLong => $"The head of a request has at most {MachineLimits.HeadBytes:N0} bytes";

    /// <summary>The whole reply, after which the connection ends; empty: nothing is wrong so far.</summary>
    /// <param name="start">What has come of a request: its head and whatever follows, or a part of its head.</param>
    public static ReadOnlySpan<byte> ReplyTo(ReadOnlySpan<byte> start)
    {
        var lineEnd = start.IndexOf((byte)'\n');
        if (lineEnd < 0 || lineEnd >= MachineLimits.HeadBytes)
        {
            return start.Length >= MachineLimits.HeadBytes ? LongLine
                : CanBegin(start) ? default
                : NoRequest;
        }
        var fault = FaultOfLine(start[..lineEnd], out var isVersion11);
        return fault.IsEmpty ? FaultOfHeaders(start, lineEnd + 1, isVersion11) : fault;
    }

    public static ReadOnlySpan<byte> ReplyTo(in ReadOnlySequence<byte> start)
    {
        if (start.IsSingleSegment)
        {
            return ReplyTo(start.FirstSpan);
        }
        var head = ArrayPool<byte>.Shared.Rent(MachineLimits.HeadBytes);
        try
        {
            var length = (int)Math.Min(start.Length, MachineLimits.HeadBytes);
            start.Slice(0, length).CopyTo(head);
            return ReplyTo(head.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(head);
        }
    }

    private static ReadOnlySpan<byte> FaultOfLine(ReadOnlySpan<byte> line, out bool isVersion11)
    {
        isVersion11 = false;
        var methodEnd = line.IndexOf((byte)' ');
        if (methodEnd < 1 || !IsMethod(line[..methodEnd]))
        {
            return NoRequest;
        }
        if (line[^1] != '\r')
        {
            return BadLine;
        }
        var rest = line[(methodEnd + 1)..^1];
        var targetEnd = rest.IndexOf((byte)' ');
        if (targetEnd < 1 || rest.ContainsAny(Controls) || !rest[(targetEnd + 1)..].StartsWith("HTTP/"u8))
        {
            return NoRequest;
        }
        var version = rest[(targetEnd + 1)..];
        isVersion11 = version.SequenceEqual("HTTP/1.1"u8);
        return isVersion11 || version.SequenceEqual("HTTP/1.0"u8) ? default : BadVersion;
    }

    private static ReadOnlySpan<byte> FaultOfHeaders(ReadOnlySpan<byte> start, int at, bool isVersion11)
    {
        var (hosts, lengths) = (0, 0);
        while (true)
        {
            var length = start[at..].IndexOf((byte)'\n');
            if (length < 0 || at + length >= MachineLimits.HeadBytes)
            {
                return start.Length >= MachineLimits.HeadBytes ? LongHead : default;
            }
            var line = start.Slice(at, length);
            at += length + 1;
            if (line.IsEmpty || line[^1] != '\r')
            {
                return BadLine;
            }
            line = line[..^1];
            if (line.IsEmpty)
            {
                return hosts > 1 || (isVersion11 && hosts == 0) ? BadHost : default;
            }
            var colon = line.IndexOf((byte)':');
            if (colon < 1 || line[..colon].ContainsAnyExcept(Token) || line.ContainsAny(Controls))
            {
                return BadHeader;
            }
            hosts += Ascii.EqualsIgnoreCase(line[..colon], "host"u8) ? 1 : 0;
            if (
                Ascii.EqualsIgnoreCase(line[..colon], "content-length"u8)
                && (!IsLength(line[(colon + 1)..]) || lengths++ > 0)
            )
            {
                return BadLength;
            }
        }
    }

    /// <summary>Whether more bytes can make a request line of it.</summary>
    private static bool CanBegin(ReadOnlySpan<byte> line)
    {
        var methodEnd = line.IndexOf((byte)' ');
        return methodEnd < 0
            ? IsMethod(line)
            : methodEnd > 0
                && IsMethod(line[..methodEnd])
                && !line[methodEnd..].TrimEnd((byte)'\r').ContainsAny(Controls);
    }

    private static bool IsMethod(ReadOnlySpan<byte> name) => !name.ContainsAnyExcept(Token);

    private static bool IsLength(ReadOnlySpan<byte> value)
    {
        var digits = value.Trim(" \t"u8);
        return digits.Length is > 0 and <= MaxLengthDigits && !digits.ContainsAnyExcept(Digits);
    }

    private static byte[] Reply(string status, string words) =>
        Encoding.ASCII.GetBytes(
            string.Create(
                CultureInfo.InvariantCulture,
                $"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {words.Length + 1}\r\nConnection: close\r\n\r\n{words}\n"
            )
        );
}
