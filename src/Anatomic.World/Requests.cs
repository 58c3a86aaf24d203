using System.Buffers;
using Anatomic.Wire;
using Anatomic.Wire.Http;

namespace Anatomic.World;

/// <summary>
/// Answers HTTP requests from their head alone, before Kestrel sees them: announces and scrapes. The machine's loops
/// call it, several at the same time; it must not block, wait, or keep a span.
/// </summary>
public interface IRequestFront
{
    /// <summary>
    /// Fetches into the processor's caches what requests need that arrived together and are handled next. Only a hint:
    /// not every machine calls it.
    /// </summary>
    void Prefetch(in RequestBatch requests) { }

    /// <summary>Answers a request, or passes it on.</summary>
    /// <param name="head">
    /// The parsed head. The front sees no body; where the head announces one, the connection is closed after the reply,
    /// whatever the result.
    /// </param>
    /// <param name="from">
    /// The client's address: the connection's remote address, or the one that a trusted proxy names; default for a unix
    /// socket.
    /// </param>
    /// <param name="reply">Takes the whole response, with status line and headers, when the front answers.</param>
    FrontResult Handle(in RequestHead head, in Endpoint from, IBufferWriter<byte> reply);
}

/// <summary>The next requests of several connections that were received at the same time.</summary>
/// <param name="bytes">What was received.</param>
/// <param name="requests">Where the heads are in it.</param>
public readonly ref struct RequestBatch(ReadOnlySpan<byte> bytes, ReadOnlySpan<BatchedRequest> requests)
{
    private readonly ReadOnlySpan<byte> bytes = bytes;
    private readonly ReadOnlySpan<BatchedRequest> requests = requests;

    public int Count => requests.Length;

    public RequestHead this[int index] => new(bytes[requests[index].Start..], requests[index].Head);
}

/// <summary>One request of a <see cref="RequestBatch"/>.</summary>
/// <param name="start">The offset of its head in the batch's bytes.</param>
/// <param name="head">A head that is complete and parsed.</param>
public readonly struct BatchedRequest(int start, in RequestHeadLayout head)
{
    internal readonly int Start = start;
    internal readonly RequestHeadLayout Head = head;
}

public enum FrontResult
{
    /// <summary>
    /// Nothing was written; from here on Kestrel serves the connection, with every byte that was read and not answered.
    /// </summary>
    PassThrough,

    /// <summary>Answered; the connection stays open for the next request.</summary>
    KeepOpen,

    /// <summary>Answered; the connection is closed after the reply.</summary>
    Close,
}

/// <summary>
/// Answers the HTTP requests that are not for a front. An exception becomes a 500 that says nothing of the inside.
/// </summary>
public interface IRequestHandler
{
    ValueTask<HttpResponse> HandleAsync(InboundRequest call, CancellationToken stop);
}

/// <summary>What an HTTP server is started with.</summary>
public sealed record HttpServerOptions
{
    public required Endpoint At { get; init; }

    /// <summary>Absolute path of a unix socket to listen at instead of <see cref="At"/>; null: none.</summary>
    public string? UnixPath { get; init; }
    public IRequestFront? Front { get; init; }
    public required IRequestHandler Handler { get; init; }

    /// <summary>Longest body taken; a longer one is answered 413 before the handler sees it.</summary>
    public int MaxBodyBytes { get; init; } = 1 << 20;
}

/// <summary>A request, as a server gets it.</summary>
public sealed record InboundRequest
{
    /// <summary>Upper case: GET, POST, HEAD …</summary>
    public required string Method { get; init; }

    /// <summary>Path and query exactly as sent, still percent-encoded: <c>/announce?info_hash=%12…</c>.</summary>
    public required string Target { get; init; }

    /// <summary>By lower-case name; several of one name are joined by a comma.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = HttpResponse.NoHeaders;
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>
    /// The connection's remote address, or whom a trusted proxy speaks for; default: it came over a unix socket.
    /// </summary>
    public required Endpoint From { get; init; }

    public string Path => Target.IndexOf('?', StringComparison.Ordinal) is >= 0 and var mark ? Target[..mark] : Target;

    /// <summary>What stands behind the question mark, without it; empty when there is none.</summary>
    public string Query =>
        Target.IndexOf('?', StringComparison.Ordinal) is >= 0 and var mark ? Target[(mark + 1)..] : "";
}

/// <summary>A reply, as a handler gives it and as an exchange brings it.</summary>
public sealed record HttpResponse
{
    public static readonly IReadOnlyDictionary<string, string> NoHeaders = new Dictionary<string, string>();

    public required int Status { get; init; }

    /// <summary>By lower-case name.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = NoHeaders;
    public ReadOnlyMemory<byte> Body { get; init; }

    public static HttpResponse Of(int status, string contentType, ReadOnlyMemory<byte> body) =>
        new()
        {
            Status = status,
            Headers = new Dictionary<string, string> { ["content-type"] = contentType },
            Body = body,
        };
}
