using Anatomic.Comparison.Linux;

namespace Anatomic.Comparison.Http;

/// <summary>What came of receiving on a connection.</summary>
internal enum ReceiveOutcome
{
    /// <summary>More of the response is to come.</summary>
    Partial,

    /// <summary>A complete response that answers the request.</summary>
    Valid,

    /// <summary>A response that does not answer the request.</summary>
    Invalid,

    /// <summary>The connection ended before the response was complete.</summary>
    Broken,
}

/// <summary>One connection of a load and its pending request.</summary>
internal sealed class HttpConnection(byte[] server, int source)
{
    private const int BufferBytes = 64 * 1024;
    private readonly byte[] request = new byte[2048];
    private readonly byte[] response = new byte[BufferBytes];
    private int requestBytes;
    private int sentBytes;
    private int responseBytes;
    private int tag;
    private int requestsHere;

    /// <summary>The file descriptor; -1 while closed.</summary>
    public int Handle { get; private set; } = -1;

    /// <summary>
    /// From when the latency of the pending request counts, in stopwatch ticks; 0 if none is pending.
    /// </summary>
    public long StartedAt { get; private set; }

    /// <summary>Requests receive timestamps for connections that are opened from now on.</summary>
    public ReceiveTimestampClock? Clock { get; set; }

    /// <summary>The generator sent a part of the pending request late.</summary>
    public bool IsLate { get; set; }

    /// <summary>
    /// When the kernel received the last part of the response, in stopwatch ticks; null without a timestamp.
    /// </summary>
    public long? ReceivedAt { get; private set; }

    public bool IsIdle => StartedAt == 0;

    /// <summary>What to poll for: room to send the rest of the request, or its response.</summary>
    public short AwaitedEvents => sentBytes < requestBytes ? SystemCalls.Writable : SystemCalls.Readable;

    /// <summary>The request is not the first on its connection, which the server may have closed in between.</summary>
    public bool IsReused => requestsHere > 1;

    public void Send(IHttpWorkload workload, long startedAt)
    {
        requestBytes = workload.Write(request, source, out tag);
        (StartedAt, IsLate) = (startedAt, false);
        Resend();
    }

    /// <summary>Sends the pending request from its beginning, over a new connection if this one is closed.</summary>
    public void Resend()
    {
        if (Handle < 0)
        {
            Handle = TcpSocket.Open(server, source);
            if (Clock is not null)
            {
                TcpSocket.EnableTimestamps(Handle);
            }
            requestsHere = 0;
        }
        requestsHere++;
        (sentBytes, responseBytes, ReceivedAt) = (0, 0, null);
        SendPending();
    }

    /// <summary>Sends the rest of the request; false if the connection is broken.</summary>
    public bool SendPending()
    {
        var sent = TcpSocket.Send(Handle, request.AsSpan(sentBytes, requestBytes - sentBytes));
        sentBytes += Math.Max(0, sent);
        return sent >= 0;
    }

    /// <summary>Receives what has arrived.</summary>
    /// <param name="workload">Checks the response.</param>
    /// <param name="closes">Whether the server announces that it closes the connection.</param>
    public ReceiveOutcome Receive(IHttpWorkload workload, out bool closes)
    {
        closes = false;
        var count = Receive(response.AsSpan(responseBytes));
        if (count <= 0)
        {
            return count < 0 ? ReceiveOutcome.Broken : ReceiveOutcome.Partial;
        }
        responseBytes += count;
        return HttpResponseReader.Read(response.AsSpan(0, responseBytes), out var body, out closes) switch
        {
            ResponseState.Complete when workload.IsValid(body, tag) => ReceiveOutcome.Valid,
            ResponseState.Partial when responseBytes < response.Length => ReceiveOutcome.Partial,
            _ => ReceiveOutcome.Invalid,
        };
    }

    private int Receive(Span<byte> buffer)
    {
        if (Clock is null)
        {
            return TcpSocket.Receive(Handle, buffer);
        }
        var count = TcpSocket.Receive(Handle, buffer, out var timestamp);
        // The end of a connection has no timestamp: then that of the last bytes counts.
        ReceivedAt = timestamp is { } given ? Clock.TicksOf(given) : ReceivedAt;
        return count;
    }

    /// <summary>Ends the pending request, answered or not.</summary>
    public void Finish() => StartedAt = 0;

    public void Close()
    {
        if (Handle >= 0)
        {
            TcpSocket.Close(Handle);
            Handle = -1;
        }
    }
}
