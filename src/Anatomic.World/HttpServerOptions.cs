using Anatomic.Wire;

namespace Anatomic.World;

/// <summary>
/// Answers the HTTP requests that the front end passes on. An exception becomes a 500 without details.
/// </summary>
public interface IRequestHandler
{
    ValueTask<HttpResponse> HandleAsync(InboundRequest request, CancellationToken stop);
}

/// <summary>Settings of an HTTP server.</summary>
public sealed record HttpServerOptions
{
    public required Endpoint At { get; init; }

    /// <summary>Absolute path of a unix socket to listen on instead of <see cref="At"/>; null: none.</summary>
    public string? UnixPath { get; init; }
    public IRequestFront? Front { get; init; }
    public required IRequestHandler Handler { get; init; }

    /// <summary>Longest request body; a longer one gets a 413 before the handler is called.</summary>
    public int MaxBodyBytes { get; init; } = 1 << 20;
}
