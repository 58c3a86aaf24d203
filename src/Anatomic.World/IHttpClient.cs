using Anatomic.Wire;

namespace Anatomic.World;

/// <summary>
/// Sends HTTP requests to other machines. Connects only through <see cref="INetwork"/>, follows no redirects and
/// ignores the environment's proxy settings. Failures are <see cref="NetworkException"/>: unreachable, broken, too
/// large or too slow.
/// </summary>
public interface IHttpClient
{
    ValueTask<OutboundResponse> SendAsync(OutboundRequest request, CancellationToken stop);
}

/// <summary>A request to another machine, with its limits.</summary>
public sealed record OutboundRequest
{
    public string Method { get; init; } = "GET";

    /// <summary>
    /// http or https. The path and query are sent as <see cref="Uri.PathAndQuery"/>, so callers escape binary values. A
    /// user and password are sent as basic authentication (RFC 7617).
    /// </summary>
    public required Uri Url { get; init; }

    /// <summary>
    /// The address to connect to, resolved and checked by the caller; null: the client resolves the host itself.
    /// </summary>
    public Endpoint? DialAddress { get; init; }
    public IReadOnlyDictionary<string, string> Headers { get; init; } = HttpResponse.NoHeaders;
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>
    /// Longest response body, as it arrives and after gzip or deflate are decoded; a longer one fails the request.
    /// </summary>
    public int MaxResponseBytes { get; init; } = 64 * 1024;

    /// <summary>Limit from the start of the request to the last byte of the response.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(3);
}

/// <summary>A response, and the address it came from.</summary>
public sealed record OutboundResponse(HttpResponse Response, Endpoint From);
