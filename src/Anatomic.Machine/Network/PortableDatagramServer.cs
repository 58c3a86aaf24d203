using System.Net;
using System.Net.Sockets;
using Anatomic.Machine.Configuration;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Machine.Network;

/// <summary>
/// A datagram server with one socket and one thread that receives, calls the handler and sends. Requests never change
/// threads, and datagrams are handled without allocation. For systems without the Linux server; at a wildcard address
/// it cannot choose the source address of replies, because .NET cannot send packet info.
/// </summary>
internal sealed class PortableDatagramServer : IRunningServer
{
    private readonly Socket socket;
    private readonly IDatagramHandler handler;
    private readonly Action<Exception> unhandled;
    private readonly Thread thread;
    private readonly byte[] bytes = new byte[MachineLimits.DatagramBatch * MachineLimits.DatagramBytes];
    private readonly DatagramSlice[] slices = new DatagramSlice[MachineLimits.DatagramBatch];
    private readonly DatagramReplies replies;
    private readonly SocketAddress from;
    private readonly SocketAddress to;
    private volatile bool stopping;

    public PortableDatagramServer(Endpoint at, IDatagramHandler handler, Action<Exception> unhandled)
    {
        this.handler = handler;
        this.unhandled = unhandled;
        socket = Sockets.BindDatagram(at, MachineLimits.DatagramServerReceiveBytes);
        from = Sockets.Template(at);
        to = Sockets.Template(at);
        Local = Sockets.LocalOf(socket);
        replies = new DatagramReplies(MachineLimits.DatagramBatch);
        thread = new Thread(Serve) { Name = $"datagrams {Local.Port}", IsBackground = true };
        thread.Start();
    }

    public Endpoint Local { get; }

    public ValueTask DisposeAsync()
    {
        stopping = true;
        socket.Dispose();
        thread.Join();
        return ValueTask.CompletedTask;
    }

    private void Serve()
    {
        while (!stopping)
        {
            var count = Receive();
            if (count == 0)
            {
                continue;
            }
            try
            {
                handler.Handle(new DatagramBatch(bytes, slices.AsSpan(0, count)), replies);
            }
            catch (Exception fault)
            {
                unhandled(fault);
            }
            Send();
        }
    }

    /// <summary>Waits for one datagram, then receives those that are already there.</summary>
    private int Receive()
    {
        var count = 0;
        try
        {
            do
            {
                var offset = count * MachineLimits.DatagramBytes;
                var buffer = bytes.AsSpan(offset, MachineLimits.DatagramBytes);
                var length = socket.ReceiveFrom(buffer, SocketFlags.None, from);
                var sender = Sockets.Read(from);
                // A full buffer was probably truncated, and nothing can be sent to port 0.
                if (length < MachineLimits.DatagramBytes && sender.Port != 0)
                {
                    slices[count++] = new DatagramSlice(offset, length, sender);
                }
            } while (count < MachineLimits.DatagramBatch && socket.Available > 0);
        }
        catch (Exception cause) when (cause is SocketException or ObjectDisposedException)
        {
            // Closed by DisposeAsync, or a datagram that could not be received; the sender will retry.
        }
        return count;
    }

    private void Send()
    {
        for (var i = 0; i < replies.Count; i++)
        {
            try
            {
                Sockets.Write(to, replies.To(i));
                socket.SendTo(replies.Payload(i), SocketFlags.None, to);
            }
            catch (Exception cause) when (cause is SocketException or ObjectDisposedException)
            {
                // Unreachable, or closed meanwhile: datagrams may be lost.
            }
        }
        replies.Clear();
    }
}
