using System.Buffers;
using Anatomic.Wire;
using Anatomic.Wire.Http;
using Anatomic.World;

namespace Anatomic.Machine.Http.Requests;

/// <summary>
/// Calls a front and contains its failures: a reply is written as a whole or not at all, and an exception becomes a
/// 500.
/// </summary>
internal sealed class FrontInvoker(IRequestFront front, Action<Exception> unhandled)
{
    private static ReadOnlySpan<byte> ServerError =>
        "HTTP/1.1 500 Internal Server Error\r\n"u8
        + "Content-Type: text/plain; charset=utf-8\r\nContent-Length: 33\r\nConnection: close\r\n\r\n"u8
        + "The server could not answer this\n"u8;

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

    public FrontResult Handle(in RequestHead head, in Endpoint from, ResponseBuffer reply)
    {
        var before = reply.Count;
        try
        {
            var result = front.Handle(head, from, reply);
            if (result == FrontResult.PassThrough)
            {
                reply.Truncate(before);
            }
            return result;
        }
        catch (Exception fault)
        {
            unhandled(fault);
            reply.Truncate(before);
            reply.Write(ServerError);
            return FrontResult.Close;
        }
    }
}
