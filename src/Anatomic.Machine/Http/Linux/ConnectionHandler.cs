using System.Runtime.InteropServices;
using Anatomic.Machine.Configuration;
using Anatomic.Machine.Http.Requests;
using Anatomic.Machine.Network.Linux;
using Anatomic.World;

namespace Anatomic.Machine.Http.Linux;

/// <summary>
/// Moves bytes between the sockets of one loop and the <see cref="HttpConnectionProtocol"/>: one call receives what a
/// client has sent, its complete requests are answered in order, and one call sends the replies. Several connections
/// are received from before the first is answered, so that the front can prefetch for all of them. Nothing is received
/// from a client that does not take its replies.
/// </summary>
internal sealed unsafe class ConnectionHandler(EpollTransportOptions options, ConnectionTable connections, Epoll epoll)
{
    /// <summary>The part of the input that one connection can need.</summary>
    private const int MaxInputPerConnection = MachineLimits.HeadBytes + MachineLimits.HttpReceiveBytes;

    private readonly HttpConnectionProtocol protocol = options.Protocol;
    private readonly byte[] input = GC.AllocateArray<byte>(2 * MaxInputPerConnection, pinned: true);
    private readonly ResponseBuffer output = new();
    private readonly ReceivedConnection[] received = new ReceivedConnection[MachineLimits.HttpReceiveBatch];
    private readonly BatchedRequest[] requests = new BatchedRequest[MachineLimits.HttpReceiveBatch];
    private int receivedCount;
    private int inputBytes;
    private bool isStopping;

    /// <summary>A connection that has been received from and not been answered.</summary>
    private struct ReceivedConnection
    {
        public ClientConnection Connection;

        /// <summary>
        /// Bytes behind those that were held; 0: the connection has ended; negative: there was nothing to receive.
        /// </summary>
        public int Count;

        /// <summary>The held and the received bytes.</summary>
        public Range Bytes;

        public HttpReadResult Read;
    }

    /// <summary>Receives from a new connection; <see cref="AnswerReceived"/> answers.</summary>
    public void Begin(ClientConnection connection, long now)
    {
        connections.Reading.Enqueue(connection, now);
        Receive(connection, now);
    }

    /// <summary>Serves a connection that is readable or writable; <see cref="AnswerReceived"/> answers.</summary>
    public void Continue(ClientConnection connection, long now)
    {
        if (!connection.IsDraining && !connection.HasUnsent)
        {
            Receive(connection, now);
            return;
        }
        AnswerReceived(now);
        if (connection.IsDraining)
        {
            Drain(connection);
        }
        else
        {
            SendRest(connection, now);
        }
    }

    /// <summary>Answers what has arrived, and closes the connection once its replies are sent.</summary>
    public void Stop(ClientConnection connection, long now)
    {
        isStopping = true;
        Continue(connection, now);
        AnswerReceived(now);
        if (connection is { Handle: >= 0, IsDraining: false, HasUnsent: false })
        {
            Close(connection);
        }
    }

    public void Close(ClientConnection connection)
    {
        var handle = connection.Handle;
        connections.Remove(connection);
        _ = LinuxCalls.Close(handle);
    }

    private void Receive(ClientConnection connection, long now)
    {
        if (receivedCount == MachineLimits.HttpReceiveBatch || inputBytes > MaxInputPerConnection)
        {
            AnswerReceived(now);
        }
        var held = connection.TakeHeld(input.AsSpan(inputBytes));
        var count = ReceiveInto(connection, inputBytes + held);
        var end = inputBytes + held + Math.Max(count, 0);
        ref var next = ref received[receivedCount++];
        (next.Connection, next.Count, next.Bytes) = (connection, count, inputBytes..end);
        inputBytes = end;
    }

    /// <summary>
    /// Returns the bytes received; 0: the connection has ended or is broken; negative: there are none now.
    /// </summary>
    private int ReceiveInto(ClientConnection connection, int at)
    {
        var into = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(input, at);
        var count = (int)StreamCalls.Receive(connection.Handle, into, MachineLimits.HttpReceiveBytes, 0);
        return count >= 0 || IsTryAgain() ? count : 0;
    }

    /// <summary>Answers all connections that have been received from. Until then nothing else may close them.</summary>
    public void AnswerReceived(long now)
    {
        ReadRequests();
        foreach (ref var next in received.AsSpan(0, receivedCount))
        {
            if (next.Count > 0)
            {
                Answer(next.Connection, input.AsSpan(next.Bytes), ref next.Read, now);
            }
            else if (next.Count < 0)
            {
                next.Connection.Hold(input.AsSpan(next.Bytes));
                Watch(next.Connection, Readiness.Readable);
            }
            else
            {
                Close(next.Connection);
            }
        }
        received.AsSpan(0, receivedCount).Clear();
        (receivedCount, inputBytes) = (0, 0);
    }

    /// <summary>Reads the first request of each connection, and has the front prefetch for all of them.</summary>
    private void ReadRequests()
    {
        var count = 0;
        foreach (ref var next in received.AsSpan(0, receivedCount))
        {
            if (next.Count > 0)
            {
                protocol.Read(ref next.Connection.State, input.AsSpan(next.Bytes), out next.Read);
                if (next.Read is { Input: HttpInput.Request, Head.IsParsed: true })
                {
                    requests[count++] = new BatchedRequest(next.Bytes.Start.Value + next.Read.Skipped, next.Read.Head);
                }
            }
        }
        if (count > 1)
        {
            options.Front.Prefetch(new RequestBatch(input, requests.AsSpan(0, count)));
        }
    }

    /// <summary>Answers the request that was read and those behind it.</summary>
    private void Answer(ClientConnection connection, ReadOnlySpan<byte> bytes, ref HttpReadResult read, long now)
    {
        HttpNextStep step;
        while (true)
        {
            bytes = bytes[read.Skipped..];
            step = protocol.Answer(read, bytes, bytes.Length, connection.State, output, out var consumed);
            bytes = bytes[consumed..];
            if (step != HttpNextStep.ReadNext || (output.Count >= MachineLimits.UnsentReplyBytes && !Send(connection)))
            {
                break;
            }
            protocol.Read(ref connection.State, bytes, out read);
        }
        if (output.Count > 0)
        {
            Send(connection);
        }
        if (connection.Handle >= 0)
        {
            Proceed(connection, step, bytes, now);
        }
    }

    /// <summary>
    /// False: the client takes no more now, and the rest is kept; or it has gone, and the connection is closed.
    /// </summary>
    private bool Send(ClientConnection connection)
    {
        var left = output.Written;
        while (!left.IsEmpty)
        {
            var sent = SendOnce(connection, left);
            if (sent < 0)
            {
                if (IsTryAgain())
                {
                    connection.KeepUnsent(left);
                }
                else
                {
                    Close(connection);
                }
                break;
            }
            left = left[sent..];
        }
        output.Clear();
        return left.IsEmpty;
    }

    private static int SendOnce(ClientConnection connection, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* first = bytes)
        {
            return (int)StreamCalls.Send(connection.Handle, first, (nuint)bytes.Length, StreamCalls.NoSignal);
        }
    }

    private void SendRest(ClientConnection connection, long now)
    {
        var sent = SendOnce(connection, connection.Unsent);
        if (sent < 0)
        {
            if (!IsTryAgain())
            {
                Close(connection);
            }
            return;
        }
        connection.MarkSent(sent);
        if (connection.HasUnsent)
        {
            connections.Sending.Enqueue(connection, now);
            return;
        }
        var held = input.AsSpan(0, connection.TakeHeld(input));
        if (connection.StepAfterSend == HttpNextStep.ReadNext)
        {
            protocol.Read(ref connection.State, held, out var read);
            Answer(connection, held, ref read, now);
        }
        else
        {
            Proceed(connection, connection.StepAfterSend, held, now);
        }
    }

    /// <summary>Takes the next step once all replies are sent.</summary>
    /// <param name="rest">What was received and not consumed.</param>
    private void Proceed(ClientConnection connection, HttpNextStep step, ReadOnlySpan<byte> rest, long now)
    {
        if (connection.HasUnsent)
        {
            connection.StepAfterSend = step;
            connection.Hold(rest);
            connections.Sending.Enqueue(connection, now);
            Watch(connection, Readiness.Writable);
            return;
        }
        switch (step)
        {
            case HttpNextStep.PassThrough:
                HandOff(connection, rest);
                break;
            case HttpNextStep.Close:
                Close(connection);
                break;
            case HttpNextStep.DrainAndClose:
                BeginDrain(connection, now);
                break;
            default:
                AwaitMore(connection, rest, now);
                break;
        }
    }

    private void AwaitMore(ClientConnection connection, ReadOnlySpan<byte> rest, long now)
    {
        if (rest.IsEmpty)
        {
            connections.Idle.Enqueue(connection, now);
        }
        else if (connection.Queue != connections.Reading)
        {
            // The timeout runs from the first byte of a head; further bytes do not restart it.
            connections.Reading.Enqueue(connection, now);
        }
        connection.Hold(rest);
        Watch(connection, Readiness.Readable);
    }

    private void HandOff(ClientConnection connection, ReadOnlySpan<byte> rest)
    {
        if (connection.Watched != Readiness.None)
        {
            epoll.Remove(connection.Handle);
        }
        var (handle, client) = (connection.Handle, connection.State.ClientAddress);
        connections.Remove(connection);
        options.Handoffs.TryEnqueue(handle, client, rest);
    }

    private void BeginDrain(ClientConnection connection, long now)
    {
        if (StreamCalls.Shutdown(connection.Handle, StreamCalls.WriteSide) < 0)
        {
            Close(connection);
            return;
        }
        connection.IsDraining = true;
        connections.Draining.Enqueue(connection, now);
        Watch(connection, Readiness.Readable);
    }

    private void Drain(ClientConnection connection)
    {
        if (ReceiveInto(connection, at: 0) == 0)
        {
            Close(connection);
        }
    }

    private void Watch(ClientConnection connection, Readiness until)
    {
        if (isStopping && until == Readiness.Readable && !connection.IsDraining)
        {
            Close(connection);
            return;
        }
        if (connection.Watched == until)
        {
            return;
        }
        var isWatched =
            connection.Watched == Readiness.None
                ? epoll.TryAdd(connection.Handle, until, connection.Token)
                : epoll.TryChange(connection.Handle, until, connection.Token);
        connection.Watched = until;
        if (!isWatched)
        {
            Close(connection);
        }
    }

    private static bool IsTryAgain() => Marshal.GetLastPInvokeError() is LinuxCalls.TryAgain or LinuxCalls.Interrupted;
}
