using System.Buffers;
using Anatomic.Wire;

namespace Anatomic.World;

/// <summary>
/// Answers HTTP requests from their head alone, in front of the ordinary pipeline: announces and scrapes. Called by the
/// machine's loops, from any of them at the same time; must not block, wait or keep the span.
/// </summary>
public interface IRequestFront
{
    /// <summary>
    /// Requests that have arrived together and are handled next: a chance to fetch what they need, for all of them at once. Nothing may
    /// depend on it, for not every machine tells.
    /// </summary>
    void Prefetch(in RequestBatch requests) { }

    /// <param name="head">
    /// Request line and headers, the empty line included. Of a body nothing is told; where the headers name one, the connection is closed
    /// after the reply, whatever the result.
    /// </param>
    /// <param name="from">
    /// Who sent it: the connection's remote address, or whom a trusted proxy speaks for; default: it came over a unix socket.
    /// </param>
    /// <param name="reply">Takes the whole response, status line and headers included, when the front answers.</param>
    FrontResult Handle(ReadOnlySpan<byte> head, in Endpoint from, IBufferWriter<byte> reply);
}

/// <summary>What has come of requests on several connections at the same time: of most a head, of some a part of one, or several.</summary>
public readonly ref struct RequestBatch(ReadOnlySpan<byte> bytes, ReadOnlySpan<Range> requests)
{
    private readonly ReadOnlySpan<byte> bytes = bytes;
    private readonly ReadOnlySpan<Range> requests = requests;

    public int Count => requests.Length;

    public ReadOnlySpan<byte> this[int index] => bytes[requests[index]];
}

public enum FrontResult
{
    /// <summary>Nothing was written; the connection and what was read of it belong to the ordinary pipeline from here on.</summary>
    PassThrough,

    /// <summary>Answered; the connection stays open for the next request.</summary>
    KeepOpen,

    /// <summary>Answered; the connection is closed after the reply.</summary>
    Close,
}

/// <summary>Answers the HTTP requests that are not for a front. An exception becomes a 500 that says nothing of the inside.</summary>
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
