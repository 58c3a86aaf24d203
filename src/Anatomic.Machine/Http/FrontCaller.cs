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
    private static ArrayBufferWriter<byte>? scratch;

    private static ReadOnlySpan<byte> ServerError =>
        "HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 33\r\nConnection: close\r\n\r\nThe server could not answer this\n"u8;

    public FrontResult Call(in ReadOnlySequence<byte> head, in Endpoint from, IBufferWriter<byte> reply)
    {
        if (head.IsSingleSegment)
        {
            return Call(head.FirstSpan, from, reply);
        }
        var length = (int)head.Length;
        var whole = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            head.CopyTo(whole);
            return Call(whole.AsSpan(0, length), from, reply);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(whole);
        }
    }

    public FrontResult Call(ReadOnlySpan<byte> head, in Endpoint from, IBufferWriter<byte> reply)
    {
        var mine = scratch ??= new ArrayBufferWriter<byte>(4096);
        mine.ResetWrittenCount();
        FrontResult result;
        try
        {
            result = front.Handle(head, from, mine);
        }
        catch (Exception fault)
        {
            unhandled(fault);
            reply.Write(ServerError);
            return FrontResult.Close;
        }
        if (result != FrontResult.NotMine)
        {
            reply.Write(mine.WrittenSpan);
        }
        return result;
    }
}
