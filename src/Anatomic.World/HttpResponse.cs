namespace Anatomic.World;

/// <summary>An HTTP response, sent by a server or received by a client.</summary>
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
