using System.Buffers;
using Anatomic.Wire;
using Anatomic.Wire.Http;

namespace Anatomic.World;

/// <summary>
/// Answers HTTP requests from their head alone, before Kestrel sees them: announces and scrapes. The machine's loops
/// call it, several at the same time; it must not block, wait, or keep a span.
/// </summary>
public interface IRequestFront
{
    /// <summary>
    /// Fetches into the processor's caches what requests need that arrived together and are handled next. Only a hint:
    /// not every machine calls it.
    /// </summary>
    void Prefetch(in RequestBatch requests) { }

    /// <summary>Answers a request, or passes it on.</summary>
    /// <param name="head">
    /// The parsed head. The front sees no body; where the head announces one, the connection is closed after the reply,
    /// whatever the result.
    /// </param>
    /// <param name="from">
    /// The client's address: the connection's remote address, or the one that a trusted proxy names; default for a unix
    /// socket.
    /// </param>
    /// <param name="reply">Takes the whole response, with status line and headers, when the front answers.</param>
    FrontResult Handle(in RequestHead head, in Endpoint from, IBufferWriter<byte> reply);
}

/// <summary>The next requests of several connections that were received at the same time.</summary>
/// <param name="bytes">What was received.</param>
/// <param name="requests">Where the heads are in it.</param>
public readonly ref struct RequestBatch(ReadOnlySpan<byte> bytes, ReadOnlySpan<BatchedRequest> requests)
{
    private readonly ReadOnlySpan<byte> bytes = bytes;
    private readonly ReadOnlySpan<BatchedRequest> requests = requests;

    public int Count => requests.Length;

    public RequestHead this[int index] => new(bytes[requests[index].Start..], requests[index].Head);
}

/// <summary>One request of a <see cref="RequestBatch"/>.</summary>
/// <param name="start">The offset of its head in the batch's bytes.</param>
/// <param name="head">A head that is complete and parsed.</param>
public readonly struct BatchedRequest(int start, in RequestHeadLayout head)
{
    internal readonly int Start = start;
    internal readonly RequestHeadLayout Head = head;
}

public enum FrontResult
{
    /// <summary>
    /// Nothing was written; from here on Kestrel serves the connection, with every byte that was read and not answered.
    /// </summary>
    PassThrough,

    /// <summary>Answered; the connection stays open for the next request.</summary>
    KeepOpen,

    /// <summary>Answered; the connection is closed after the reply.</summary>
    Close,
}
