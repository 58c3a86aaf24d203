using System.Buffers;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Machine.Http.Requests;

/// <summary>
/// Calls a front so that it cannot hurt a connection: its reply is taken whole or not at all, and its exception becomes a 500.
/// </summary>
internal sealed class FrontInvoker(IRequestFront front, Action<Exception> unhandled)
{
    [ThreadStatic]
    private static ResponseBuffer? scratch;

    private static ReadOnlySpan<byte> ServerError =>
        "HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 33\r\nConnection: close\r\n\r\nThe server could not answer this\n"u8;

    /// <summary>Tells the front of what comes next.</summary>
    public void Prefetch(in RequestBatch requests)
    {
        try
        {
            front.Prefetch(requests);
        }
        catch (Exception fault)
        {
            unhandled(fault);
        }
    }

    public FrontResult Call(ReadOnlySpan<byte> head, in Endpoint from, ResponseBuffer reply)
    {
        var before = reply.Count;
        try
        {
            var result = front.Handle(head, from, reply);
            if (result == FrontResult.PassThrough)
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
        var mine = scratch ??= new ResponseBuffer();
        mine.Clear();
        var result = Call(head, from, mine);
        reply.Write(mine.Written);
        return result;
    }
}
