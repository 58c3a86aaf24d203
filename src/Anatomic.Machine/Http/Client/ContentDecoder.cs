using System.IO.Compression;
using Anatomic.World;

namespace Anatomic.Machine.Http.Client;

/// <summary>
/// Decodes the content encodings of responses that we ask for (RFC 9110, 8.4.1). Both the encoded and the decoded
/// length are limited, as a few kilobytes can decode to gigabytes.
/// </summary>
internal static class ContentDecoder
{
    /// <summary>The value of Accept-Encoding.</summary>
    public const string Accepted = "gzip, deflate";

    /// <exception cref="NetworkException">
    /// The encoding is another one, the body is not of it, or it decodes to more than the request allows.
    /// </exception>
    public static async ValueTask<ReadOnlyMemory<byte>> DecodeAsync(
        OutboundRequest request,
        string encoding,
        ReadOnlyMemory<byte> body,
        CancellationToken stop
    )
    {
        if (body.IsEmpty || encoding is "" or "identity")
        {
            return body;
        }
        await using var encoded = new MemoryStream(body.ToArray(), writable: false);
        await using Stream decoder = encoding switch
        {
            "gzip" or "x-gzip" => new GZipStream(encoded, CompressionMode.Decompress),
            "deflate" when HasZlibHeader(body.Span) => new ZLibStream(encoded, CompressionMode.Decompress),
            // Some servers leave out the header of zlib.
            "deflate" => new DeflateStream(encoded, CompressionMode.Decompress),
            _ => throw new NetworkException(
                $"{request.Url.Authority} sent a response with the encoding {encoding}, which was not asked for"
            ),
        };
        try
        {
            return await BodyReader.ReadAsync(decoder, request, 2 * body.Length, stop).ConfigureAwait(false);
        }
        catch (InvalidDataException cause)
        {
            throw new NetworkException($"{request.Url.Authority} sent a response that is not valid {encoding}", cause);
        }
    }

    /// <summary>Method 8, and a check value that makes the first two bytes a multiple of 31 (RFC 1950, 2.2).</summary>
    private static bool HasZlibHeader(ReadOnlySpan<byte> body) =>
        body.Length >= 2 && (body[0] & 0x0F) == 8 && ((body[0] << 8) + body[1]) % 31 == 0;
}
