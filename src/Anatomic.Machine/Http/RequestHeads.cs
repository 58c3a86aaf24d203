using System.Buffers;
using System.Text;

namespace Anatomic.Machine.Http;

internal enum HeadScan
{
    /// <summary>The end of the head has not come yet.</summary>
    Partial,

    /// <summary>A whole head of a request without a body.</summary>
    Whole,

    /// <summary>Whatever it is, a front has no use for it: a body follows, it is too long, or it is no HTTP (<see cref="BrokenHeads"/>).</summary>
    NotForFront,
}

/// <summary>Finds where a request's head ends, and whether a front may answer it.</summary>
internal static class RequestHeads
{
    private static ReadOnlySpan<byte> End => "\r\n\r\n"u8;

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

    /// <param name="buffer">What has come and is not answered yet; not empty.</param>
    public static HeadScan Scan(ReadOnlySpan<byte> buffer, out int headBytes) =>
        Scan(buffer, buffer.Length, out headBytes);

    public static HeadScan Scan(in ReadOnlySequence<byte> buffer, out int headBytes)
    {
        if (buffer.IsSingleSegment || buffer.FirstSpan.IndexOf(End) >= 0)
        {
            return Scan(buffer.FirstSpan, buffer.Length, out headBytes);
        }
        var length = (int)Math.Min(buffer.Length, MachineLimits.HeadBytes);
        var start = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            buffer.Slice(0, length).CopyTo(start);
            return Scan(start.AsSpan(0, length), buffer.Length, out headBytes);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(start);
        }
    }

    private static HeadScan Scan(ReadOnlySpan<byte> start, long available, out int headBytes)
    {
        var end = start.IndexOf(End);
        headBytes = end + End.Length;
        if (end >= 0)
        {
            return headBytes > MachineLimits.HeadBytes || HasBody(start[..headBytes])
                ? HeadScan.NotForFront
                : HeadScan.Whole;
        }
        if (available == 1 && start[0] == EmptyLine[0])
        {
            return HeadScan.Partial;
        }
        // No method starts otherwise (RFC 9110, 9.1), and lines that end in a bare line feed are the ordinary parser's affair.
        return
            available >= MachineLimits.HeadBytes
            || !char.IsAsciiLetterUpper((char)start[0])
            || start.IndexOf("\n\n"u8) >= 0
            ? HeadScan.NotForFront
            : HeadScan.Partial;
    }

    /// <summary>
    /// A front sees no bodies. Were it to answer such a request, its body would be taken for the next one: behind a proxy that
    /// lets one client speak in the name of another (request smuggling, RFC 9112, 11.2).
    /// </summary>
    private static bool HasBody(ReadOnlySpan<byte> head)
    {
        while (true)
        {
            var line = head.IndexOf((byte)'\n') + 1;
            if (line == 0 || line == head.Length)
            {
                return false;
            }
            head = head[line..];
            if (
                (head[0] | 0x20) is 'c' or 't'
                && (Starts(head, "content-length"u8) || Starts(head, "transfer-encoding"u8))
            )
            {
                return true;
            }
        }
    }

    private static bool Starts(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name) =>
        line.Length > name.Length && Ascii.EqualsIgnoreCase(line[..name.Length], name);
}
