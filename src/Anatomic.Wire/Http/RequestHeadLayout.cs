namespace Anatomic.Wire.Http;

/// <summary>
/// What one scan found in a request head: where its parts lie, and what its headers say. It can be stored, unlike the
/// <see cref="RequestHead"/> that reads the parts through it.
/// </summary>
public struct RequestHeadLayout
{
    /// <summary>The value of <see cref="BodyBytes"/> for a body whose end only its reader can find.</summary>
    public const long UnknownBody = -1;

    /// <summary>Offset of the first line that has not been read; 0: the request line has not.</summary>
    internal int LineStart;

    internal int MethodLength;

    /// <summary>Offset of the target's end; the target begins behind the method and a space.</summary>
    internal int TargetEnd;

    /// <summary>Offset of the path's end: the question mark, or the target's end.</summary>
    internal int PathEnd;

    internal int ForwardedForStart;
    internal int ForwardedForLength;
    internal HeadFlags Flags;

    /// <summary>Bytes of the head with the empty line at its end; 0 while it is incomplete.</summary>
    public int Length { get; internal set; }

    /// <summary>
    /// Bytes that follow the head as its body; <see cref="UnknownBody"/> when the head does not tell.
    /// </summary>
    public long BodyBytes { get; internal set; }

    /// <summary>The first fault found; a front may answer a request all the same when <see cref="IsParsed"/>.</summary>
    public RequestHeadFault Fault { get; internal set; }

    /// <summary>
    /// Whether the parts of a <see cref="RequestHead"/> are there: the method is in capital letters, the target begins
    /// with a slash, the version is HTTP/1.0 or 1.1, and every header line has a colon.
    /// </summary>
    public readonly bool IsParsed => (Flags & HeadFlags.Parsed) != HeadFlags.None;

    /// <summary>Whether a <c>Transfer-Encoding</c> is named.</summary>
    public readonly bool IsChunked => (Flags & HeadFlags.Chunked) != HeadFlags.None;

    internal readonly bool Has(HeadFlags flag) => (Flags & flag) != HeadFlags.None;

    /// <summary>Keeps the first fault.</summary>
    internal void Note(RequestHeadFault fault)
    {
        if (Fault == RequestHeadFault.None)
        {
            Fault = fault;
        }
    }
}

[Flags]
internal enum HeadFlags : byte
{
    None = 0,
    Parsed = 1,
    Version11 = 2,

    /// <summary><c>Connection: keep-alive</c>.</summary>
    KeepAlive = 4,

    /// <summary><c>Connection: close</c>.</summary>
    Close = 8,
    Host = 16,
    TwoHosts = 32,
    ContentLength = 64,
    Chunked = 128,
}
