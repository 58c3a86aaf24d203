using Anatomic.Wire;

namespace Anatomic.World;

/// <summary>
/// HTTP requests to others. It dials only through <see cref="INetwork"/>, follows no redirect by itself and uses no proxy of
/// the environment. Failures are <see cref="NetworkException"/> (unreachable, broken, too large, too late).
/// </summary>
public interface IHttpClient
{
    ValueTask<OutboundResponse> SendAsync(OutboundRequest ask, CancellationToken stop);
}

/// <summary>A request to somebody else, with its bounds.</summary>
public sealed record OutboundRequest
{
    public string Method { get; init; } = "GET";

    /// <summary>http or https; the path and query go out as <see cref="Uri.PathAndQuery"/>, so escape binary values beforehand.</summary>
    public required Uri Url { get; init; }

    /// <summary>The very address to dial, resolved and checked by the caller; null: the exchange resolves the host itself.</summary>
    public Endpoint? DialAddress { get; init; }
    public IReadOnlyDictionary<string, string> Headers { get; init; } = HttpResponse.NoHeaders;
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Longest body taken from the reply; a longer one fails.</summary>
    public int MaxResponseBytes { get; init; } = 64 * 1024;

    /// <summary>From the start to the last byte.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(3);
}

/// <summary>A reply and the address that gave it.</summary>
public sealed record OutboundResponse(HttpResponse Response, Endpoint From);
