using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Anatomic.Machine.Configuration;

namespace Anatomic.Machine.Http.Requests;

internal enum HeadScan
{
    /// <summary>The end of the head has not come yet.</summary>
    Partial,

    /// <summary>A whole head; a body may belong to it.</summary>
    Whole,

    /// <summary>Whatever it is, a front has no use for it: it is too long, or it is no HTTP (<see cref="RequestHeadValidator"/>).</summary>
    NotForFront,
}

/// <summary>How far a request reaches.</summary>
/// <param name="HeadBytes">Request line, headers and the empty line.</param>
/// <param name="BodyBytes">Behind the head; negative: only who reads it can tell.</param>
internal readonly record struct RequestExtent(int HeadBytes, long BodyBytes)
{
    /// <summary>Whether these bytes are a request and its body; of what has no end of a head: whether its sender has probably said all.</summary>
    public bool HasAllCome(long bytes) =>
        BodyBytes == 0 ? bytes < MachineLimits.HeadBytes : bytes == HeadBytes + BodyBytes;
}

/// <summary>Finds where a request's head ends, whether a front may answer it, and what belongs to it.</summary>
internal static class RequestHeads
{
    private const long UnknownBody = -1;

    /// <summary>Decimal digits that every 64-bit number has room for.</summary>
    private const int MaxLengthDigits = 18;

    /// <summary>What ends every head.</summary>
    public static ReadOnlySpan<byte> End => "\r\n\r\n"u8;

    private static ReadOnlySpan<byte> EmptyLine => "\r\n"u8;

    /// <summary>Bytes of empty lines in front of a request, which some old clients send behind a body (RFC 9112, 2.2).</summary>
    public static int EmptyLines(ReadOnlySpan<byte> buffer)
    {
        var length = 0;
        while (buffer[length..].StartsWith(EmptyLine))
        {
            length += EmptyLine.Length;
        }
        return length;
    }

    public static long EmptyLines(in ReadOnlySequence<byte> buffer)
    {
        var reader = new SequenceReader<byte>(buffer);
        while (reader.IsNext(EmptyLine, advancePast: true)) { }
        return reader.Consumed;
    }

    /// <param name="start">The beginning of what has come and is not answered yet; not empty.</param>
    public static HeadScan Scan(ReadOnlySpan<byte> start, out RequestExtent extent)
    {
        var end = start.IndexOf(End);
        if (end >= 0)
        {
            var headBytes = end + End.Length;
            extent = new RequestExtent(headBytes, BodyOf(start[..headBytes]));
            return headBytes > MachineLimits.HeadBytes ? HeadScan.NotForFront : HeadScan.Whole;
        }
        extent = default;
        if (start.Length == 1 && start[0] == EmptyLine[0])
        {
            return HeadScan.Partial;
        }
        // No method starts otherwise (RFC 9110, 9.1), and lines that end in a bare line feed are the ordinary parser's affair.
        return
            start.Length >= MachineLimits.HeadBytes
            || !char.IsAsciiLetterUpper((char)start[0])
            || start.IndexOf("\n\n"u8) >= 0
            ? HeadScan.NotForFront
            : HeadScan.Partial;
    }

    /// <summary>
    /// Bytes of the body; negative: unknown. A front sees no bodies, and what follows a head whose body nobody reads must not be
    /// taken for the next request: behind a proxy that lets one client speak in the name of another (request smuggling, RFC 9112, 11.2).
    /// </summary>
    private static long BodyOf(ReadOnlySpan<byte> head)
    {
        var body = 0L;
        while (true)
        {
            var line = head.IndexOf((byte)'\n') + 1;
            if (line == 0 || line == head.Length)
            {
                return body;
            }
            head = head[line..];
            if ((head[0] | 0x20) == 'c' && Starts(head, "content-length"u8))
            {
                var value = head["content-length".Length..head.IndexOf("\r\n"u8)];
                if (body != 0 || !value.StartsWith(":"u8) || !TryReadLength(value[1..], out body))
                {
                    return UnknownBody;
                }
            }
            else if ((head[0] | 0x20) == 't' && Starts(head, "transfer-encoding"u8))
            {
                return UnknownBody;
            }
        }
    }

    /// <summary>The value of a <c>Content-Length</c>: digits alone (RFC 9110, 8.6).</summary>
    public static bool TryReadLength(ReadOnlySpan<byte> value, out long length)
    {
        var digits = value.Trim(" \t"u8);
        return Utf8Parser.TryParse(digits, out length, out var read)
            && read == digits.Length
            && digits.Length <= MaxLengthDigits
            && char.IsAsciiDigit((char)digits[0]);
    }

    private static bool Starts(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name) =>
        line.Length > name.Length && Ascii.EqualsIgnoreCase(line[..name.Length], name);
}
