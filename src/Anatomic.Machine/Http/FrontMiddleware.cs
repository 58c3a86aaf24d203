using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Anatomic.Machine.Configuration;
using Anatomic.Machine.Http.Requests;
using Anatomic.Wire;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Anatomic.Machine.Http;

/// <summary>
/// Serves a connection of Kestrel's transport as long as its requests are for the front: moves bytes between its pipe
/// and the <see cref="HttpConnectionProtocol"/>. With the first other request the connection goes on to Kestrel's HTTP,
/// with every byte that was read and not answered.
/// </summary>
internal sealed class FrontMiddleware
{
    private readonly PipeReader input;
    private readonly PipeWriter output;
    private readonly HttpConnectionProtocol protocol;
    private readonly ConnectionDeadline deadline;
    private HttpConnectionState state;
    private volatile bool isClosing;

    private FrontMiddleware(ConnectionContext connection, HttpConnectionProtocol protocol)
    {
        input = connection.Transport.Input;
        output = connection.Transport.Output;
        state.ClientAddress = connection.RemoteEndPoint is IPEndPoint remote ? Endpoint.From(remote) : default;
        this.protocol = protocol;
        deadline = new ConnectionDeadline(connection);
    }

    public static async Task RunAsync(
        ConnectionContext connection,
        HttpConnectionProtocol protocol,
        ConnectionDelegate next
    )
    {
        var front = new FrontMiddleware(connection, protocol);
        var passesThrough = false;
        var closeAsked = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested;
        using (closeAsked?.UnsafeRegister(static state => ((FrontMiddleware)state!).CloseAfterReply(), front))
        {
            try
            {
                passesThrough = await front.ServeAsync().ConfigureAwait(false);
            }
            catch (Exception ended)
                when (ended is IOException or OperationCanceledException or InvalidOperationException)
            {
                // The client disconnected, the deadline passed, or the server is stopping.
            }
        }
        front.deadline.Lift();
        if (passesThrough)
        {
            await next(connection).ConfigureAwait(false);
        }
    }

    /// <summary>True: the connection goes on to Kestrel's HTTP; false: it is over.</summary>
    private async ValueTask<bool> ServeAsync()
    {
        while (true)
        {
            var read = await input.ReadAsync().ConfigureAwait(false);
            var buffer = read.Buffer;
            var step = HttpNextStep.ReadNext;
            while (step == HttpNextStep.ReadNext)
            {
                step = AnswerUpToLimit(ref buffer);
                if (output.UnflushedBytes > 0)
                {
                    await FlushAsync().ConfigureAwait(false);
                }
            }
            if (step == HttpNextStep.PassThrough)
            {
                // Nothing counts as examined, so that the next reader gets it at once.
                input.AdvanceTo(buffer.Start);
                return true;
            }
            if (step == HttpNextStep.DrainAndClose)
            {
                input.AdvanceTo(buffer.End);
                await DrainAsync().ConfigureAwait(false);
                return false;
            }
            deadline.Set(
                buffer.IsEmpty ? MachineLimits.IdleTimeout : MachineLimits.HeadTimeout,
                restart: buffer.IsEmpty
            );
            input.AdvanceTo(buffer.Start, buffer.End);
            if (step == HttpNextStep.Close || read.IsCompleted || isClosing)
            {
                return false;
            }
        }
    }

    /// <summary>Answers requests until there are no more, or the client must take their replies first.</summary>
    private HttpNextStep AnswerUpToLimit(ref ReadOnlySequence<byte> buffer)
    {
        var replies = ResponseBuffer.ForThread();
        var step = HttpNextStep.ReadNext;
        while (step == HttpNextStep.ReadNext && replies.Count < MachineLimits.UnsentReplyBytes)
        {
            step = AnswerNext(ref buffer, replies);
        }
        output.Write(replies.Written);
        return step;
    }

    private HttpNextStep AnswerNext(ref ReadOnlySequence<byte> buffer, ResponseBuffer replies)
    {
        var piece = buffer.FirstSpan;
        protocol.Read(ref state, piece, out var read);
        if (read.Input != HttpInput.Incomplete || buffer.IsSingleSegment)
        {
            return Answer(read, piece, ref buffer, replies);
        }
        // The head may reach into the next piece.
        var length = (int)Math.Min(buffer.Length, MachineLimits.HeadBytes);
        var copy = ArrayPool<byte>.Shared.Rent(length);
        buffer.Slice(0, length).CopyTo(copy);
        piece = copy.AsSpan(0, length);
        protocol.Read(ref state, piece, out read);
        var step = Answer(read, piece, ref buffer, replies);
        ArrayPool<byte>.Shared.Return(copy);
        // Empty lines took up room of the copy.
        return step == HttpNextStep.Receive && read.Skipped > 0 && !buffer.IsEmpty ? HttpNextStep.ReadNext : step;
    }

    private HttpNextStep Answer(
        in HttpReadResult read,
        ReadOnlySpan<byte> piece,
        ref ReadOnlySequence<byte> buffer,
        ResponseBuffer replies
    )
    {
        buffer = buffer.Slice(read.Skipped);
        var step = protocol.Answer(read, piece[read.Skipped..], buffer.Length, state, replies, out var consumed);
        buffer = buffer.Slice(consumed);
        return step;
    }

    /// <summary>Drops what the client still sends (<see cref="HttpNextStep.DrainAndClose"/>).</summary>
    private async ValueTask DrainAsync()
    {
        deadline.Lift();
        using var timeout = new CancellationTokenSource(MachineLimits.DrainTimeout);
        while (
            await input.ReadAsync(timeout.Token).ConfigureAwait(false) is { IsCompleted: false, IsCanceled: false } read
        )
        {
            input.AdvanceTo(read.Buffer.End);
        }
    }

    private async ValueTask FlushAsync()
    {
        deadline.Set(MachineLimits.HeadTimeout, restart: true);
        var flushed = await output.FlushAsync().ConfigureAwait(false);
        if (flushed.IsCompleted)
        {
            throw new IOException("the client takes no more replies");
        }
    }

    private void CloseAfterReply()
    {
        isClosing = true;
        input.CancelPendingRead();
    }
}
