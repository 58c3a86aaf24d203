using Anatomic.Wire;

namespace Anatomic.World;

/// <summary>A request received by a server.</summary>
public sealed record InboundRequest
{
    /// <summary>Upper case: GET, POST, HEAD …</summary>
    public required string Method { get; init; }

    /// <summary>Path and query exactly as sent, still percent-encoded: <c>/announce?info_hash=%12…</c>.</summary>
    public required string Target { get; init; }

    /// <summary>By lower-case name; several headers of one name are joined by commas.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = HttpResponse.NoHeaders;
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>
    /// The client: the connection's remote address, or the one named by a trusted proxy; default for unix sockets.
    /// </summary>
    public required Endpoint From { get; init; }

    public string Path => Target.IndexOf('?', StringComparison.Ordinal) is >= 0 and var mark ? Target[..mark] : Target;

    /// <summary>The part after the question mark; empty when there is none.</summary>
    public string Query =>
        Target.IndexOf('?', StringComparison.Ordinal) is >= 0 and var mark ? Target[(mark + 1)..] : "";
}
