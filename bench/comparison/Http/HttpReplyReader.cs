using System.Buffers.Text;

namespace Anatomic.Comparison.Http;

/// <summary>How much of a reply has come.</summary>
internal enum ReplyState
{
    Partial,
    Whole,

    /// <summary>Not HTTP, another status than 200, or without a length.</summary>
    Bad,
}

/// <summary>Reads as much of HTTP as trackers answer with.</summary>
internal static class HttpReplyReader
{
    /// <param name="bytes">Everything since the request.</param>
    /// <param name="body">The body of a whole reply.</param>
    /// <param name="closes">The server says that it ends the connection.</param>
    public static ReplyState Read(ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> body, out bool closes)
    {
        body = default;
        closes = false;
        var end = bytes.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return ReplyState.Partial;
        }
        var head = bytes[..end];
        if (!head.StartsWith("HTTP/1.1 200 "u8) && !head.StartsWith("HTTP/1.0 200 "u8))
        {
            return ReplyState.Bad;
        }
        var at = head.IndexOf("\r\nContent-Length: "u8);
        if (at < 0 || !Utf8Parser.TryParse(head[(at + 18)..], out int length, out _) || length < 1)
        {
            return ReplyState.Bad;
        }
        if (bytes.Length < end + 4 + length)
        {
            return ReplyState.Partial;
        }
        body = bytes.Slice(end + 4, length);
        closes = head.IndexOf("\r\nConnection: close"u8) >= 0 || head.StartsWith("HTTP/1.0"u8);
        return ReplyState.Whole;
    }
}
