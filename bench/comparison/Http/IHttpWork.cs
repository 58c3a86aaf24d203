namespace Anatomic.Comparison.Http;

/// <summary>What an HTTP load asks for.</summary>
internal interface IHttpWork
{
    /// <summary>Writes the next request, whole; returns its length.</summary>
    /// <param name="into">Takes it.</param>
    /// <param name="source">The address that the connection comes from.</param>
    /// <param name="subject">The work's own note to judge the answer by.</param>
    int Write(Span<byte> into, int source, out int subject);

    /// <summary>Whether this body, of status 200, is the answer to what was asked about.</summary>
    bool IsGood(ReadOnlySpan<byte> body, int subject);
}
