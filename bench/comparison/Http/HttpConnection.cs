using Anatomic.Comparison.Linux;

namespace Anatomic.Comparison.Http;

/// <summary>One connection of a load and the request that is under way on it.</summary>
internal sealed class HttpConnection(byte[] server, int source)
{
    private const int RoomBytes = 64 * 1024;
    private readonly byte[] request = new byte[2048];
    private readonly byte[] reply = new byte[RoomBytes];
    private int requestBytes;
    private int sentBytes;
    private int replyBytes;
    private int subject;
    private int requestsHere;

    /// <summary>-1: not open.</summary>
    public int Handle { get; private set; } = -1;

    /// <summary>From when the request under way counts; 0: there is none.</summary>
    public long Since { get; private set; }

    /// <summary>By it the kernel is to say when replies came, on connections that are opened from now on.</summary>
    public ArrivalClock? Clock { get; set; }

    /// <summary>The generator was late with a part of the request under way.</summary>
    public bool IsLate { get; set; }

    /// <summary>When the kernel took in the last part of the reply, in ticks of the stopwatch; nothing: it did not say.</summary>
    public long? Came { get; private set; }

    public bool IsIdle => Since == 0;

    /// <summary>What is waited for: to send the rest of a request, or its reply.</summary>
    public short Wanted => sentBytes < requestBytes ? LinuxCalls.Writable : LinuxCalls.Readable;

    /// <summary>The request is not the first of its connection: the server may have ended it in between, and may.</summary>
    public bool IsReused => requestsHere > 1;

    public void Ask(IHttpWork work, long since)
    {
        requestBytes = work.Write(request, source, out subject);
        (Since, IsLate) = (since, false);
        AskAgain();
    }

    /// <summary>Sends the request under way once more from its beginning, over a new connection where there is none.</summary>
    public void AskAgain()
    {
        if (Handle < 0)
        {
            Handle = TcpHandle.Open(server, source);
            if (Clock is not null)
            {
                TcpHandle.AskForStamps(Handle);
            }
            requestsHere = 0;
        }
        requestsHere++;
        (sentBytes, replyBytes, Came) = (0, 0, null);
        Push();
    }

    /// <summary>Sends what is left; false: the connection is broken.</summary>
    public bool Push()
    {
        var sent = TcpHandle.Send(Handle, request.AsSpan(sentBytes, requestBytes - sentBytes));
        sentBytes += Math.Max(0, sent);
        return sent >= 0;
    }

    /// <summary>Takes what has come.</summary>
    /// <param name="work">Judges the reply.</param>
    /// <param name="good">Whether a whole reply is the right one.</param>
    /// <param name="closes">Whether the server says that it ends the connection.</param>
    /// <param name="broken">The connection has ended before a whole reply was there.</param>
    public ReplyState Pull(IHttpWork work, out bool good, out bool closes, out bool broken)
    {
        (good, closes) = (false, false);
        var count = Receive(reply.AsSpan(replyBytes));
        broken = count < 0;
        replyBytes += Math.Max(0, count);
        if (count <= 0)
        {
            return ReplyState.Partial;
        }
        var state = HttpReplyReader.Read(reply.AsSpan(0, replyBytes), out var body, out closes);
        good = state == ReplyState.Whole && work.IsGood(body, subject);
        return state == ReplyState.Partial && replyBytes == reply.Length ? ReplyState.Bad : state;
    }

    private int Receive(Span<byte> into)
    {
        if (Clock is null)
        {
            return TcpHandle.Receive(Handle, into);
        }
        var count = TcpHandle.Receive(Handle, into, out var stamp);
        // The end of a connection has none: then the last bytes before it are what counts.
        Came = stamp is { } given ? Clock.TicksOf(given) : Came;
        return count;
    }

    /// <summary>The request is over, whatever came of it.</summary>
    public void Finish() => Since = 0;

    public void Close()
    {
        if (Handle >= 0)
        {
            TcpHandle.Close(Handle);
            Handle = -1;
        }
    }
}
