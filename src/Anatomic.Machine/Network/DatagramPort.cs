using System.Net;
using System.Net.Sockets;
using Anatomic.Machine.Configuration;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Machine.Network;

/// <summary>
/// A datagram port with one socket: waits for a datagram, takes those that are already there, and hands them to the
/// loop together. The next batch is received when the loop is done with this one, so a slow loop makes the kernel drop.
/// </summary>
internal sealed class DatagramPort : IDatagramPort
{
    private const int Batch = MachineLimits.DatagramPortBatch;
    private const int Stride = IDatagramPortHandler.MaxDatagramBytes;

    private readonly Socket socket;
    private readonly ILoop loop;
    private readonly IDatagramPortHandler handler;
    private readonly Action<Exception> unhandled;
    private readonly byte[] received = new byte[Batch * Stride];
    private readonly DatagramSlice[] slices = new DatagramSlice[Batch];
    private readonly SocketAddress from;
    private readonly SocketAddress to;
    private readonly byte[] queued = new byte[MachineLimits.DatagramPortQueueBytes];
    private readonly List<DatagramSlice> queue = [];
    private readonly Task receiving;
    private volatile bool isClosed;

    public DatagramPort(Endpoint at, ILoop loop, IDatagramPortHandler handler, Action<Exception> unhandled)
    {
        this.loop = loop;
        this.handler = handler;
        this.unhandled = unhandled;
        socket = Sockets.BindDatagram(at, receiveBytes: 0);
        // A full send buffer must not hold the loop: the datagram is lost instead.
        socket.Blocking = false;
        from = Sockets.Template(at);
        to = Sockets.Template(at);
        Local = Sockets.LocalOf(socket);
        receiving = ReceiveAllAsync();
    }

    public Endpoint Local { get; }

    public void Send(in Endpoint receiver, ReadOnlySpan<byte> datagram)
    {
        if (receiver.IsV4 != Local.IsV4 || datagram.Length > queued.Length)
        {
            return;
        }
        var end = queue.Count == 0 ? 0 : queue[^1].Offset + queue[^1].Length;
        if (queue.Count == Batch || end + datagram.Length > queued.Length)
        {
            Flush();
            end = 0;
        }
        datagram.CopyTo(queued.AsSpan(end));
        queue.Add(new DatagramSlice(end, datagram.Length, receiver));
    }

    public void Flush()
    {
        foreach (var (offset, length, receiver) in queue)
        {
            try
            {
                Sockets.Write(to, receiver);
                socket.SendTo(queued.AsSpan(offset, length), SocketFlags.None, to);
            }
            catch (Exception cause) when (cause is SocketException or ObjectDisposedException)
            {
                // No route, a firewall, a full buffer, or closed: datagrams may be lost.
            }
        }
        queue.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        isClosed = true;
        socket.Dispose();
        await receiving.ConfigureAwait(false);
    }

    private async Task ReceiveAllAsync()
    {
        while (!isClosed)
        {
            var count = await ReceiveAsync().ConfigureAwait(false);
            if (count == 0)
            {
                continue;
            }
            try
            {
                await loop.RunAsync(() => Deliver(count)).ConfigureAwait(false);
            }
            catch (ObjectDisposedException)
            {
                // The loop has stopped, so nobody is left to receive.
                return;
            }
        }
    }

    private Task Deliver(int count)
    {
        if (isClosed)
        {
            return Task.CompletedTask;
        }
        try
        {
            handler.Handle(new DatagramBatch(received, slices.AsSpan(0, count)));
        }
        catch (Exception bug)
        {
            unhandled(bug);
        }
        return Task.CompletedTask;
    }

    private async ValueTask<int> ReceiveAsync()
    {
        try
        {
            var first = received.AsMemory(0, Stride);
            var length = await socket.ReceiveFromAsync(first, SocketFlags.None, from).ConfigureAwait(false);
            var count = Take(0, 0, length);
            while (count < Batch && socket.Available > 0)
            {
                var offset = count * Stride;
                length = socket.ReceiveFrom(received.AsSpan(offset, Stride), SocketFlags.None, from);
                count = Take(count, offset, length);
            }
            return count;
        }
        catch (SocketException cause) when (IsOfOneDatagram(cause.SocketErrorCode))
        {
            return 0;
        }
        catch (Exception cause) when (cause is SocketException or ObjectDisposedException)
        {
            if (!isClosed)
            {
                // The network may come back; until then the error comes at once.
                await Task.Delay(MachineLimits.AcceptPause).ConfigureAwait(false);
            }
            return 0;
        }
    }

    /// <summary>
    /// An earlier datagram was not delivered, one was longer than the buffer (Windows), or another receiver was faster.
    /// </summary>
    private static bool IsOfOneDatagram(SocketError error) =>
        error
            is SocketError.ConnectionReset
                or SocketError.ConnectionRefused
                or SocketError.MessageSize
                or SocketError.WouldBlock;

    private int Take(int count, int offset, int length)
    {
        var sender = Sockets.Read(from);
        if (sender.Port == 0)
        {
            // Nothing can be sent there.
            return count;
        }
        slices[count] = new DatagramSlice(offset, length, sender);
        return count + 1;
    }
}
