namespace Anatomic.Comparison.Http;

/// <summary>The requests of an HTTP load and the check of their responses.</summary>
internal interface IHttpWorkload
{
    /// <summary>Writes the next request completely.</summary>
    /// <param name="source">Which address of the population the connection leaves from.</param>
    /// <param name="tag">Identifies the request to its workload.</param>
    /// <returns>Bytes of the request.</returns>
    int Write(Span<byte> buffer, int source, out int tag);

    /// <summary>Whether the body of a response with status 200 answers the request with this tag.</summary>
    bool IsValid(ReadOnlySpan<byte> body, int tag);
}
