namespace Anatomic.Wire.Http;

/// <summary>A complete request head (RFC 9112, 2): its parts, as they were sent, without a copy.</summary>
public readonly ref struct RequestHead
{
    private readonly ref readonly RequestHeadLayout layout;

    /// <param name="bytes">Begins with the head that <paramref name="layout"/> describes; more may follow it.</param>
    /// <param name="layout">Of a head that is complete and parsed.</param>
    public RequestHead(ReadOnlySpan<byte> bytes, in RequestHeadLayout layout)
    {
        Bytes = bytes[..layout.Length];
        this.layout = ref layout;
    }

    /// <summary>The whole head with the empty line at its end.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>Capital letters: <c>GET</c>, <c>HEAD</c>, <c>POST</c> …</summary>
    public ReadOnlySpan<byte> Method => Bytes[..layout.MethodLength];

    /// <summary>Begins with a slash; without the query, still percent-encoded.</summary>
    public ReadOnlySpan<byte> Path => Bytes[(layout.MethodLength + 1)..layout.PathEnd];

    /// <summary>The bytes behind the question mark, still percent-encoded; empty: there are none.</summary>
    public ReadOnlySpan<byte> Query =>
        layout.PathEnd == layout.TargetEnd ? [] : Bytes[(layout.PathEnd + 1)..layout.TargetEnd];

    /// <summary>
    /// Whether the request is HTTP/1.0, where a reply must promise to keep the connection open (RFC 9112, 9.3).
    /// </summary>
    public bool IsVersion10 => !layout.Has(HeadFlags.Version11);

    /// <summary>Whether the client wants to send more requests on this connection (RFC 9112, 9.3).</summary>
    public bool WantsKeepAlive => !layout.Has(HeadFlags.Close) && layout.Has(HeadFlags.Version11 | HeadFlags.KeepAlive);

    /// <summary>Whether a body follows, or may follow.</summary>
    public bool HasBody => layout.BodyBytes != 0;

    /// <summary>The value of the last <c>X-Forwarded-For</c>; empty: there is none.</summary>
    public ReadOnlySpan<byte> ForwardedFor =>
        Bytes.Slice(layout.ForwardedForStart, layout.ForwardedForLength).Trim(" \t"u8);
}
