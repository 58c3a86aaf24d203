using System.Buffers;
using System.Globalization;
using System.Text;
using Anatomic.Machine.Configuration;

namespace Anatomic.Machine.Http.Requests;

/// <summary>
/// Refuses what is no request of HTTP/1 before anybody else has to look at it: it costs no more than an announce, and the reply says
/// what is wrong (RFC 9112, 3 to 5). Asked only of what a front does not answer; the ordinary pipeline judges the rest.
/// </summary>
/// <param name="maxBodyBytes">Longest body taken.</param>
internal sealed class RequestHeadValidator(int maxBodyBytes)
{
    /// <summary>Hexadecimal digits of a chunk's length; nobody sends chunks of four gigabytes.</summary>
    private const int MaxChunkDigits = 8;

    private static readonly SearchValues<byte> Token = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8
    );

    /// <summary>All but the tab, which values may have.</summary>
    private static readonly SearchValues<byte> Controls = SearchValues.Create([
        .. Enumerable.Range(0, 0x20).Where(code => code != '\t').Select(code => (byte)code),
        0x7f,
    ]);

    private static readonly SearchValues<byte> HexDigits = SearchValues.Create("0123456789ABCDEFabcdef"u8);

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

    private static readonly byte[] TwoLengths = Reply(
        "400 Bad Request",
        "Content-Length and Transfer-Encoding exclude each other"
    );

    private static readonly byte[] BadCoding = Reply(
        "501 Not Implemented",
        "Transfer-Encoding is chunked or not at all"
    );

    private static readonly byte[] BadChunk = Reply(
        "400 Bad Request",
        "A chunk begins with its length in hexadecimal digits"
    );

    private static readonly byte[] Upwards = Reply("400 Bad Request", "A path has no segment that is ..");

    private static readonly byte[] BadVersion = Reply(
        "505 HTTP Version Not Supported",
        "HTTP/1.0 and HTTP/1.1 are spoken here"
    );

    private static readonly byte[] LongLine = Reply("414 URI Too Long", TooLong);

    private static readonly byte[] LongHead = Reply("431 Request Header Fields Too Large", TooLong);

    private readonly byte[] longBody = Reply("413 Content Too Large", TooLongBody(maxBodyBytes));

    private static string TooLong => $"The head of a request has at most {MachineLimits.HeadBytes:N0} bytes";

    /// <summary>What whoever sends more is told.</summary>
    public static string TooLongBody(int maxBodyBytes) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"The body is longer than the {maxBodyBytes:N0} bytes that are taken"
        );

    /// <summary>The whole reply, after which the connection ends; empty: nothing is wrong so far.</summary>
    /// <param name="start">What has come of a request: its head and whatever follows, or a part of its head.</param>
    public ReadOnlySpan<byte> ReplyTo(ReadOnlySpan<byte> start)
    {
        start = start[..Math.Min(start.Length, MachineLimits.HeadBytes)];
        var lineEnd = start.IndexOf((byte)'\n');
        if (lineEnd < 0)
        {
            return start.Length >= MachineLimits.HeadBytes ? LongLine
                : CanBegin(start) ? default
                : NoRequest;
        }
        var fault = FaultOfLine(start[..lineEnd], out var isVersion11);
        return fault.IsEmpty ? FaultOfHeaders(start, lineEnd + 1, isVersion11) : fault;
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
        if (GoesUp(rest[..targetEnd]))
        {
            return Upwards;
        }
        var version = rest[(targetEnd + 1)..];
        isVersion11 = version.SequenceEqual("HTTP/1.1"u8);
        return isVersion11 || version.SequenceEqual("HTTP/1.0"u8) ? default : BadVersion;
    }

    private ReadOnlySpan<byte> FaultOfHeaders(ReadOnlySpan<byte> start, int at, bool isVersion11)
    {
        var told = new Told();
        while (true)
        {
            var length = start[at..].IndexOf((byte)'\n');
            if (length < 0)
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
                return FaultOfAll(told, isVersion11, start[at..]);
            }
            var colon = line.IndexOf((byte)':');
            if (colon < 1 || line[..colon].ContainsAnyExcept(Token) || line.ContainsAny(Controls))
            {
                return BadHeader;
            }
            var fault = Take(line[..colon], line[(colon + 1)..], ref told);
            if (!fault.IsEmpty)
            {
                return fault;
            }
        }
    }

    private static ReadOnlySpan<byte> Take(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, scoped ref Told told)
    {
        if (Ascii.EqualsIgnoreCase(name, "host"u8))
        {
            told.Hosts++;
        }
        else if (Ascii.EqualsIgnoreCase(name, "content-length"u8))
        {
            return told.Lengths++ == 0 && RequestHeads.TryReadLength(value, out told.BodyBytes) ? default : BadLength;
        }
        else if (Ascii.EqualsIgnoreCase(name, "transfer-encoding"u8))
        {
            told.IsChunked = true;
            return Ascii.EqualsIgnoreCase(value.Trim(" \t"u8), "chunked"u8) ? default : BadCoding;
        }
        return default;
    }

    /// <param name="body">What has come of it, within <see cref="MachineLimits.HeadBytes"/>.</param>
    private ReadOnlySpan<byte> FaultOfAll(scoped in Told told, bool isVersion11, ReadOnlySpan<byte> body) =>
        told.Hosts > 1 || (isVersion11 && told.Hosts == 0) ? BadHost
        : told.IsChunked && told.Lengths > 0 ? TwoLengths
        : told.BodyBytes > maxBodyBytes ? longBody
        : told.IsChunked && !IsChunk(body) ? BadChunk
        : default;

    /// <summary>Whether a chunk begins there, or can still (RFC 9112, 7.1); what follows its length is the ordinary pipeline's affair.</summary>
    private static bool IsChunk(ReadOnlySpan<byte> body)
    {
        var digits = body.IndexOfAnyExcept(HexDigits);
        return digits < 0
            ? body.Length <= MaxChunkDigits
            : digits is > 0 and <= MaxChunkDigits && body[digits] is (byte)'\r' or (byte)';' or (byte)' ' or (byte)'\t';
    }

    /// <summary>Whoever writes URLs resolves these before they are sent (RFC 3986, 5.2.4).</summary>
    private static bool GoesUp(ReadOnlySpan<byte> target)
    {
        var mark = target.IndexOf((byte)'?');
        var path = mark < 0 ? target : target[..mark];
        return path.IndexOf("/../"u8) >= 0 || path.EndsWith("/.."u8);
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

    private static byte[] Reply(string status, string words) =>
        Encoding.ASCII.GetBytes(
            string.Create(
                CultureInfo.InvariantCulture,
                $"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {words.Length + 1}\r\nConnection: close\r\n\r\n{words}\n"
            )
        );

    /// <summary>What headers have said so far.</summary>
    private struct Told
    {
        public int Hosts;
        public int Lengths;
        public long BodyBytes;
        public bool IsChunked;
    }
}
