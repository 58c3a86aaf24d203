namespace Anatomic.Wire.Http;

/// <summary>The first thing that is wrong with a request head (RFC 9112, 2 to 6).</summary>
public enum RequestHeadFault : byte
{
    None,

    /// <summary>The first line is not a request line.</summary>
    RequestLine,

    /// <summary>A line ends in a bare line feed.</summary>
    LineEnding,

    /// <summary>
    /// The path has a segment <c>..</c>, which clients resolve before they send it (RFC 3986, 5.2.4).
    /// </summary>
    ParentSegment,

    /// <summary>The version is neither HTTP/1.0 nor HTTP/1.1.</summary>
    Version,

    /// <summary>A header line has no colon, no valid name, or a control character in its value.</summary>
    HeaderLine,

    /// <summary>There are two <c>Host</c> headers, or none in HTTP/1.1.</summary>
    Host,

    /// <summary>There are two <c>Content-Length</c> headers, or one is not a number.</summary>
    ContentLength,

    /// <summary>The <c>Transfer-Encoding</c> is not <c>chunked</c>.</summary>
    TransferEncoding,

    /// <summary>There is a <c>Content-Length</c> as well as a <c>Transfer-Encoding</c>.</summary>
    LengthAndEncoding,

    /// <summary>The limit is reached within the request line.</summary>
    TargetTooLong,

    /// <summary>The limit is reached within the header lines.</summary>
    HeadTooLong,
}
