using System.Buffers;
using System.Globalization;
using System.Text;
using Anatomic.Machine.Configuration;
using Anatomic.Wire.Http;

namespace Anatomic.Machine.Http.Requests;

/// <summary>
/// Rejects input that is not HTTP/1, before Kestrel sees it, with a reply that says what is wrong. Only used for
/// requests that the front does not answer.
/// </summary>
/// <param name="maxBodyBytes">The limit of a body's length.</param>
internal sealed class RequestHeadValidator(int maxBodyBytes)
{
    private const string BadRequest = "400 Bad Request";

    private static readonly SearchValues<byte> HexDigits = SearchValues.Create("0123456789ABCDEFabcdef"u8);

    private static readonly byte[][] Replies = [.. Enum.GetValues<RequestHeadFault>().Select(ReplyTo)];

    private static readonly byte[] InvalidChunk = Reply(
        BadRequest,
        "A chunk must begin with its length in hexadecimal digits"
    );

    private readonly byte[] bodyTooLong = Reply("413 Content Too Large", BodyTooLong(maxBodyBytes));

    private static string HeadTooLong => TooLong("request head", MachineLimits.HeadBytes);

    /// <summary>The message for a longer body.</summary>
    public static string BodyTooLong(int maxBodyBytes) => TooLong("body", maxBodyBytes);

    private static string TooLong(string part, int limit) =>
        string.Create(CultureInfo.InvariantCulture, $"The {part} is longer than the limit of {limit:N0} bytes");

    /// <summary>
    /// Returns the whole reply, after which the connection is closed; empty: the request is valid so far.
    /// </summary>
    /// <param name="head">A complete or malformed head.</param>
    /// <param name="body">The bytes that have arrived behind it.</param>
    public ReadOnlySpan<byte> Rejection(in RequestHeadLayout head, ReadOnlySpan<byte> body) =>
        head.Fault != RequestHeadFault.None ? Replies[(int)head.Fault]
        : head.BodyBytes > maxBodyBytes ? bodyTooLong
        : head.IsChunked && !CanBeChunk(body) ? InvalidChunk
        : default;

    /// <summary>
    /// Whether a chunk begins there (RFC 9112, 7.1), or still can; Kestrel reads what follows its length.
    /// </summary>
    private static bool CanBeChunk(ReadOnlySpan<byte> body)
    {
        var digits = body.IndexOfAnyExcept(HexDigits);
        return digits < 0
            ? body.Length <= MachineLimits.MaxChunkDigits
            : digits is > 0 and <= MachineLimits.MaxChunkDigits
                && body[digits] is (byte)'\r' or (byte)';' or (byte)' ' or (byte)'\t';
    }

    private static byte[] ReplyTo(RequestHeadFault fault) =>
        fault switch
        {
            RequestHeadFault.None => [],
            RequestHeadFault.LineEnding => Reply(BadRequest, "Every line must end in CR LF"),
            RequestHeadFault.ParentSegment => Reply(BadRequest, "The path must not have a segment .."),
            RequestHeadFault.Version => Reply(
                "505 HTTP Version Not Supported",
                "This server supports HTTP/1.0 and HTTP/1.1"
            ),
            RequestHeadFault.HeaderLine => Reply(
                BadRequest,
                "A header must be a name, a colon and a value without control characters"
            ),
            RequestHeadFault.Host => Reply(BadRequest, "A request must have exactly one Host header"),
            RequestHeadFault.ContentLength => Reply(BadRequest, "Content-Length must be a single number of bytes"),
            RequestHeadFault.TransferEncoding => Reply(
                "501 Not Implemented",
                "The only supported Transfer-Encoding is chunked"
            ),
            RequestHeadFault.LengthAndEncoding => Reply(
                BadRequest,
                "A request must not have both Content-Length and Transfer-Encoding"
            ),
            RequestHeadFault.TargetTooLong => Reply("414 URI Too Long", HeadTooLong),
            RequestHeadFault.HeadTooLong => Reply("431 Request Header Fields Too Large", HeadTooLong),
            _ => Reply(
                BadRequest,
                "This is not HTTP: a request begins with a line such as GET /announce?info_hash=... HTTP/1.1"
            ),
        };

    private static byte[] Reply(string status, string message) =>
        Encoding.ASCII.GetBytes(
            string.Create(
                CultureInfo.InvariantCulture,
                $"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\n"
                    + $"Content-Length: {message.Length + 1}\r\nConnection: close\r\n\r\n{message}\n"
            )
        );
}
