using System.Buffers;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Machine.Http;

/// <summary>
/// Calls a front so that it cannot hurt a connection: its reply is taken whole or not at all, and its exception becomes a 500.
/// </summary>
internal sealed class FrontCaller(IRequestFront front, Action<Exception> unhandled)
{
    [ThreadStatic]
    private static ReplyBuffer? scratch;

    private static ReadOnlySpan<byte> ServerError =>
        "HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 33\r\nConnection: close\r\n\r\nThe server could not answer this\n"u8;

    /// <summary>Tells the front of what comes next.</summary>
    public void Approach(in RequestBatch requests)
    {
        try
        {
            front.Approach(requests);
        }
        catch (Exception fault)
        {
            unhandled(fault);
        }
    }

    public FrontResult Call(ReadOnlySpan<byte> head, in Endpoint from, ReplyBuffer reply)
    {
        var before = reply.Count;
        try
        {
            var result = front.Handle(head, from, reply);
            if (result == FrontResult.NotMine)
            {
                reply.CutTo(before);
            }
            return result;
        }
        catch (Exception fault)
        {
            unhandled(fault);
            reply.CutTo(before);
            reply.Write(ServerError);
            return FrontResult.Close;
        }
    }

    /// <summary>For writers that cannot take anything back.</summary>
    public FrontResult Call(ReadOnlySpan<byte> head, in Endpoint from, IBufferWriter<byte> reply)
    {
        var mine = scratch ??= new ReplyBuffer();
        mine.Clear();
        var result = Call(head, from, mine);
        reply.Write(mine.Written);
        return result;
    }
}
