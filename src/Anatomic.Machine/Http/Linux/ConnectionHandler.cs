using System.Buffers;
using System.Runtime.InteropServices;
using Anatomic.Machine.Configuration;
using Anatomic.Machine.Http.Requests;
using Anatomic.Machine.Network.Linux;
using Anatomic.Wire.Proxies;
using Anatomic.World;

namespace Anatomic.Machine.Http.Linux;

/// <summary>
/// What a loop says on its connections: it takes what has come on one in one call, answers every whole request of it in order, and
/// sends the replies in one call. Several connections are read from before the first of them is answered, so that the front can
/// prepare for all. A client that does not take its replies is not read from.
/// </summary>
internal sealed unsafe class ConnectionHandler(EpollTransportOptions setup, ConnectionTable clients, Epoll epoll)
{
    /// <summary>Taken in one call beside what was held of a head: some 200 pipelined announces.</summary>
    private const int ReadBytes = 64 * 1024;

    /// <summary>What one connection can need of the input.</summary>
    private const int RoomOfOne = MachineLimits.HeadBytes + ReadBytes;

    /// <summary>Connections that are read from before they are answered: what a front prepares for at a time.</summary>
    private const int ReadAtOnce = 16;

    private readonly byte[] input = GC.AllocateArray<byte>(2 * RoomOfOne, pinned: true);
    private readonly ResponseBuffer output = new();
    private readonly Heard[] heard = new Heard[ReadAtOnce];
    private readonly Range[] requests = new Range[ReadAtOnce];
    private int heardCount;
    private int inputBytes;
    private bool isEnding;

    /// <summary>A connection that has been read from and is not answered yet.</summary>
    /// <param name="Got">Bytes behind those that were held; 0: it has ended; negative: nothing has come.</param>
    private readonly record struct Heard(ClientConnection Client, int Got);

    /// <summary>The first turn of a new connection; <see cref="AnswerAll"/> answers.</summary>
    public void Begin(ClientConnection client, long now)
    {
        clients.Reading.Enter(client, now);
        Read(client, now);
    }

    /// <summary>There is something to read, or room to write; <see cref="AnswerAll"/> answers.</summary>
    public void Continue(ClientConnection client, long now)
    {
        if (!client.IsDraining && !client.HasUnsent)
        {
            Read(client, now);
            return;
        }
        AnswerAll(now);
        if (client.IsDraining)
        {
            Drain(client);
        }
        else
        {
            SendRest(client, now);
        }
    }

    /// <summary>Answers what has come by now, for the last time.</summary>
    public void End(ClientConnection client, long now)
    {
        isEnding = true;
        Continue(client, now);
        AnswerAll(now);
        if (client is { Handle: >= 0, IsDraining: false, HasUnsent: false })
        {
            Close(client);
        }
    }

    public void Close(ClientConnection client)
    {
        var handle = client.Handle;
        clients.Remove(client);
        _ = LinuxCalls.Close(handle);
    }

    private void Read(ClientConnection client, long now)
    {
        if (heardCount == ReadAtOnce || inputBytes > RoomOfOne)
        {
            AnswerAll(now);
        }
        var held = client.TakeHeld(input.AsSpan(inputBytes));
        var got = Receive(client, inputBytes + held);
        var end = inputBytes + held + Math.Max(got, 0);
        heard[heardCount] = new Heard(client, got);
        requests[heardCount++] = inputBytes..end;
        inputBytes = end;
    }

    /// <summary>Answers those that have been read from. Before it nobody else may close their connections.</summary>
    public void AnswerAll(long now)
    {
        if (heardCount > 1)
        {
            setup.Caller.Prefetch(new RequestBatch(input, requests.AsSpan(0, heardCount)));
        }
        for (var i = 0; i < heardCount; i++)
        {
            Answer(heard[i], input.AsSpan(requests[i]), now);
            heard[i] = default;
        }
        (heardCount, inputBytes) = (0, 0);
    }

    private void Answer(in Heard one, ReadOnlySpan<byte> bytes, long now)
    {
        if (one.Got > 0)
        {
            Answer(one.Client, bytes, now);
        }
        else if (one.Got < 0)
        {
            one.Client.Hold(bytes);
            Wait(one.Client, Readiness.Readable);
        }
        else
        {
            Close(one.Client);
        }
    }

    /// <summary>Bytes taken; 0: the connection has ended, or is broken; negative: there is nothing now.</summary>
    private int Receive(ClientConnection client, int at)
    {
        var into = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(input, at);
        var got = (int)StreamCalls.Receive(client.Handle, into, ReadBytes, 0);
        return got >= 0 || IsAgain() ? got : 0;
    }

    private void Answer(ClientConnection client, ReadOnlySpan<byte> bytes, long now)
    {
        if (client.OwesPreamble && !TryTakePreamble(client, ref bytes))
        {
            return;
        }
        var then = Afterwards.ReadMore;
        if (setup.SpeaksTls && TlsMiddleware.IsTls(bytes))
        {
            then = Afterwards.HandOver;
        }
        while (then == Afterwards.ReadMore && TryTakeHead(client, ref bytes, out then))
        {
            if (output.Count >= MachineLimits.UnsentReplyBytes && !Send(client))
            {
                break;
            }
        }
        if (output.Count > 0)
        {
            Send(client);
        }
        if (client.Handle >= 0)
        {
            Settle(client, then, bytes, now);
        }
    }

    /// <summary>False: it is not whole yet, or broken and the connection closed.</summary>
    private bool TryTakePreamble(ClientConnection client, ref ReadOnlySpan<byte> bytes)
    {
        var scan = ProxyHeader.Read(bytes, out var length, out var told, out _);
        if (scan == ProxyHeaderResult.Incomplete)
        {
            client.Hold(bytes);
            Wait(client, Readiness.Readable);
            return false;
        }
        if (scan == ProxyHeaderResult.Invalid)
        {
            // Nobody but a misled proxy can see an answer, and it would pass it on to nobody.
            Close(client);
            return false;
        }
        client.OwesPreamble = false;
        client.From = told ?? client.From;
        bytes = bytes[length..];
        return true;
    }

    /// <summary>Answers the next whole head and takes it off; false: there is none, or it is not the front's.</summary>
    private bool TryTakeHead(ClientConnection client, ref ReadOnlySpan<byte> bytes, out Afterwards then)
    {
        then = Afterwards.ReadMore;
        bytes = bytes[RequestHeads.EmptyLines(bytes)..];
        if (bytes.IsEmpty)
        {
            return false;
        }
        var scan = RequestHeads.Scan(bytes, out var extent);
        if (scan == HeadScan.Partial)
        {
            return false;
        }
        var result =
            scan == HeadScan.Whole
                ? setup.Caller.Call(bytes[..extent.HeadBytes], client.From, output)
                : FrontResult.PassThrough;
        if (result == FrontResult.PassThrough)
        {
            then = PassOn(bytes, extent);
            return false;
        }
        bytes = bytes[extent.HeadBytes..];
        if (result == FrontResult.Close || extent.BodyBytes != 0)
        {
            then = bytes.Length == extent.BodyBytes ? Afterwards.Close : Afterwards.CloseWhenSilent;
        }
        return true;
    }

    /// <summary>What is no HTTP is refused here; the rest is the ordinary pipeline's.</summary>
    private Afterwards PassOn(ReadOnlySpan<byte> bytes, in RequestExtent extent)
    {
        var refusal = setup.Broken.ReplyTo(bytes);
        if (refusal.IsEmpty)
        {
            return Afterwards.HandOver;
        }
        output.Write(refusal);
        return extent.HasAllCome(bytes.Length) ? Afterwards.Close : Afterwards.CloseWhenSilent;
    }

    /// <summary>False: the client takes no more now, and the rest is kept; or it has gone, and the connection is closed.</summary>
    private bool Send(ClientConnection client)
    {
        var left = output.Written;
        while (!left.IsEmpty)
        {
            var sent = SendOnce(client, left);
            if (sent < 0)
            {
                if (IsAgain())
                {
                    client.Keep(left);
                }
                else
                {
                    Close(client);
                }
                break;
            }
            left = left[sent..];
        }
        output.Clear();
        return left.IsEmpty;
    }

    private static int SendOnce(ClientConnection client, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* first = bytes)
        {
            return (int)StreamCalls.Send(client.Handle, first, (nuint)bytes.Length, StreamCalls.NoSignal);
        }
    }

    private void SendRest(ClientConnection client, long now)
    {
        var sent = SendOnce(client, client.Unsent);
        if (sent < 0)
        {
            if (!IsAgain())
            {
                Close(client);
            }
            return;
        }
        client.Sent(sent);
        if (client.HasUnsent)
        {
            clients.Sending.Enter(client, now);
            return;
        }
        var held = input.AsSpan(0, client.TakeHeld(input));
        if (client.Then == Afterwards.ReadMore)
        {
            Answer(client, held, now);
        }
        else
        {
            Settle(client, client.Then, held, now);
        }
    }

    /// <summary>Everything that could be answered is; <paramref name="rest"/> is what was read beyond it.</summary>
    private void Settle(ClientConnection client, Afterwards then, ReadOnlySpan<byte> rest, long now)
    {
        if (client.HasUnsent)
        {
            client.Then = then;
            client.Hold(rest);
            clients.Sending.Enter(client, now);
            Wait(client, Readiness.Writable);
        }
        else if (then == Afterwards.HandOver)
        {
            GiveAway(client, rest);
        }
        else if (then == Afterwards.Close)
        {
            Close(client);
        }
        else if (then == Afterwards.CloseWhenSilent)
        {
            Part(client, now);
        }
        else
        {
            if (rest.IsEmpty)
            {
                clients.Idle.Enter(client, now);
            }
            else if (client.Queue != clients.Reading)
            {
                // From the first byte of a head on: who sends one byte at a time does not begin anew with each.
                clients.Reading.Enter(client, now);
            }
            client.Hold(rest);
            Wait(client, Readiness.Readable);
        }
    }

    private void GiveAway(ClientConnection client, ReadOnlySpan<byte> rest)
    {
        if (client.Watched != Readiness.None)
        {
            epoll.Remove(client.Handle);
        }
        var (handle, from) = (client.Handle, client.From);
        clients.Remove(client);
        setup.Others.TryGive(handle, from, rest);
    }

    /// <summary>Unread bytes would make the system answer the close with a reset, which can overtake the reply.</summary>
    private void Part(ClientConnection client, long now)
    {
        if (StreamCalls.Shutdown(client.Handle, StreamCalls.WriteSide) < 0)
        {
            Close(client);
            return;
        }
        client.IsDraining = true;
        clients.Draining.Enter(client, now);
        Wait(client, Readiness.Readable);
    }

    private void Drain(ClientConnection client)
    {
        if (Receive(client, at: 0) == 0)
        {
            Close(client);
        }
    }

    private void Wait(ClientConnection client, Readiness until)
    {
        if (isEnding && until == Readiness.Readable && !client.IsDraining)
        {
            Close(client);
            return;
        }
        if (client.Watched == until)
        {
            return;
        }
        var fine =
            client.Watched == Readiness.None
                ? epoll.TryAdd(client.Handle, until, client.Token)
                : epoll.TryChange(client.Handle, until, client.Token);
        client.Watched = until;
        if (!fine)
        {
            Close(client);
        }
    }

    private static bool IsAgain() => Marshal.GetLastPInvokeError() is LinuxCalls.TryAgain or LinuxCalls.Interrupted;
}
