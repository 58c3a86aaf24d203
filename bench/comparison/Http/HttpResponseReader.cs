using System.Buffers.Text;

namespace Anatomic.Comparison.Http;

/// <summary>How much of a response has arrived.</summary>
internal enum ResponseState
{
    Partial,
    Complete,

    /// <summary>Not HTTP, a status other than 200, or no Content-Length.</summary>
    Invalid,
}

/// <summary>Reads the subset of HTTP that trackers respond with.</summary>
internal static class HttpResponseReader
{
    /// <param name="bytes">Everything received since the request.</param>
    /// <param name="body">The body of a complete response.</param>
    /// <param name="closes">Whether the server announces that it closes the connection.</param>
    public static ResponseState Read(ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> body, out bool closes)
    {
        body = default;
        closes = false;
        var end = bytes.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return ResponseState.Partial;
        }
        var head = bytes[..end];
        if (!head.StartsWith("HTTP/1.1 200 "u8) && !head.StartsWith("HTTP/1.0 200 "u8))
        {
            return ResponseState.Invalid;
        }
        var at = head.IndexOf("\r\nContent-Length: "u8);
        if (at < 0 || !Utf8Parser.TryParse(head[(at + 18)..], out int length, out _) || length < 1)
        {
            return ResponseState.Invalid;
        }
        if (bytes.Length < end + 4 + length)
        {
            return ResponseState.Partial;
        }
        body = bytes.Slice(end + 4, length);
        closes = head.IndexOf("\r\nConnection: close"u8) >= 0 || head.StartsWith("HTTP/1.0"u8);
        return ResponseState.Complete;
    }
}
