using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Anatomic.Machine.Configuration;
using Anatomic.Machine.Http.Requests;
using Anatomic.Wire;
using Anatomic.World;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Anatomic.Machine.Http;

/// <summary>
/// One connection as long as its requests are the front's: heads are taken off the transport's pipe and answered in order.
/// The first that is not goes on to HTTP/1.1 proper, with every byte that was read and not answered.
/// </summary>
internal sealed class FrontMiddleware
{
    private enum Next
    {
        ReadMore,
        HandOver,
        Close,
        CloseWhenSilent,
    }

    private readonly PipeReader input;
    private readonly PipeWriter output;
    private readonly Endpoint from;
    private readonly FrontInvoker caller;
    private readonly RequestHeadValidator broken;
    private readonly ConnectionDeadline deadline;
    private volatile bool closing;

    private FrontMiddleware(ConnectionContext connection, FrontInvoker caller, RequestHeadValidator broken)
    {
        input = connection.Transport.Input;
        output = connection.Transport.Output;
        from = connection.RemoteEndPoint is IPEndPoint remote ? Endpoint.From(remote) : default;
        this.caller = caller;
        this.broken = broken;
        deadline = new ConnectionDeadline(connection);
    }

    public static async Task RunAsync(
        ConnectionContext connection,
        FrontInvoker caller,
        RequestHeadValidator broken,
        ConnectionDelegate next
    )
    {
        var mine = new FrontMiddleware(connection, caller, broken);
        var handOver = false;
        var closeAsked = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested;
        using (closeAsked?.UnsafeRegister(static state => ((FrontMiddleware)state!).EndAfterReply(), mine))
        {
            try
            {
                handOver = await mine.ServeAsync().ConfigureAwait(false);
            }
            catch (Exception gone) when (gone is IOException or OperationCanceledException or InvalidOperationException)
            {
                // The client broke off, or the deadline or the stopping server did.
            }
        }
        mine.deadline.Lift();
        if (handOver)
        {
            await next(connection).ConfigureAwait(false);
        }
    }

    /// <summary>True when the connection goes on to the ordinary pipeline; false when it has ended.</summary>
    private async ValueTask<bool> ServeAsync()
    {
        while (true)
        {
            var read = await input.ReadAsync().ConfigureAwait(false);
            var buffer = read.Buffer;
            var then = Next.ReadMore;
            while (then == Next.ReadMore && TryTakeHead(ref buffer, out then))
            {
                if (output.UnflushedBytes >= MachineLimits.UnsentReplyBytes)
                {
                    await FlushAsync().ConfigureAwait(false);
                }
            }
            if (output.UnflushedBytes > 0)
            {
                await FlushAsync().ConfigureAwait(false);
            }
            if (then == Next.HandOver)
            {
                // Nothing counts as examined, so that the next reader sees it at once.
                input.AdvanceTo(buffer.Start);
                return true;
            }
            if (then == Next.CloseWhenSilent)
            {
                input.AdvanceTo(buffer.End);
                await DrainAsync().ConfigureAwait(false);
                return false;
            }
            deadline.Set(buffer.IsEmpty ? MachineLimits.IdleTimeout : MachineLimits.HeadTimeout, anew: buffer.IsEmpty);
            input.AdvanceTo(buffer.Start, buffer.End);
            if (then == Next.Close || read.IsCompleted || closing)
            {
                return false;
            }
        }
    }

    /// <summary>Answers the next whole head of <paramref name="buffer"/> and takes it off; false when nothing can be done with it now.</summary>
    private bool TryTakeHead(ref ReadOnlySequence<byte> buffer, out Next then)
    {
        then = Next.ReadMore;
        buffer = buffer.Slice(RequestHeads.EmptyLines(buffer));
        if (buffer.IsEmpty)
        {
            return false;
        }
        using var start = Beginning.Of(buffer);
        var scan = RequestHeads.Scan(start.Bytes, out var extent);
        if (scan == HeadScan.Partial)
        {
            return false;
        }
        var result =
            scan == HeadScan.Whole
                ? caller.Call(start.Bytes[..extent.HeadBytes], from, output)
                : FrontResult.PassThrough;
        if (result == FrontResult.PassThrough)
        {
            then = PassOn(start.Bytes, extent, buffer.Length);
            return false;
        }
        buffer = buffer.Slice(extent.HeadBytes);
        if (result == FrontResult.Close || extent.BodyBytes != 0)
        {
            then = buffer.Length == extent.BodyBytes ? Next.Close : Next.CloseWhenSilent;
        }
        return true;
    }

    /// <summary>What is no HTTP is refused here; the rest is the ordinary pipeline's.</summary>
    private Next PassOn(ReadOnlySpan<byte> start, in RequestExtent extent, long come)
    {
        var refusal = broken.ReplyTo(start);
        if (refusal.IsEmpty)
        {
            return Next.HandOver;
        }
        output.Write(refusal);
        return extent.HasAllCome(come) ? Next.Close : Next.CloseWhenSilent;
    }

    /// <summary>Throws away what still comes: closing would answer it with a reset, which can overtake the reply (RFC 9112, 9.6).</summary>
    private async ValueTask DrainAsync()
    {
        deadline.Lift();
        using var patience = new CancellationTokenSource(MachineLimits.DrainTimeout);
        while (
            await input.ReadAsync(patience.Token).ConfigureAwait(false)
                is { IsCompleted: false, IsCanceled: false } read
        )
        {
            input.AdvanceTo(read.Buffer.End);
        }
    }

    private async ValueTask FlushAsync()
    {
        deadline.Set(MachineLimits.HeadTimeout, anew: true);
        var flushed = await output.FlushAsync().ConfigureAwait(false);
        if (flushed.IsCompleted)
        {
            throw new IOException("the client takes no replies any more");
        }
    }

    private void EndAfterReply()
    {
        closing = true;
        input.CancelPendingRead();
    }

    /// <summary>The beginning of what has come in one piece, as far as a head can reach: as it lies, or copied when a head spans pieces.</summary>
    private readonly ref struct Beginning
    {
        private readonly byte[]? rented;

        private Beginning(ReadOnlySpan<byte> bytes, byte[]? rented)
        {
            Bytes = bytes;
            this.rented = rented;
        }

        public ReadOnlySpan<byte> Bytes { get; }

        public static Beginning Of(in ReadOnlySequence<byte> buffer)
        {
            if (buffer.IsSingleSegment || buffer.FirstSpan.IndexOf(RequestHeads.End) >= 0)
            {
                return new Beginning(buffer.FirstSpan, null);
            }
            var length = (int)Math.Min(buffer.Length, MachineLimits.HeadBytes);
            var copy = ArrayPool<byte>.Shared.Rent(length);
            buffer.Slice(0, length).CopyTo(copy);
            return new Beginning(copy.AsSpan(0, length), copy);
        }

        public void Dispose()
        {
            if (rented is not null)
            {
                ArrayPool<byte>.Shared.Return(rented);
            }
        }
    }
}
