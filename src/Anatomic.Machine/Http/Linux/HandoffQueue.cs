using System.Net.Sockets;
using System.Threading.Channels;
using Anatomic.Machine.Configuration;
using Anatomic.Wire;

namespace Anatomic.Machine.Http.Linux;

/// <summary>A connection on its way to Kestrel.</summary>
/// <param name="Socket">Its new owner closes it.</param>
/// <param name="ClientAddress">Default: it came over a unix socket.</param>
/// <param name="Unread">What was received and not answered; the socket's bytes follow it.</param>
internal readonly record struct HandoffConnection(Socket Socket, Endpoint ClientAddress, byte[] Unread);

/// <summary>Hands connections from the loops to Kestrel.</summary>
internal sealed class HandoffQueue
{
    private readonly Channel<HandoffConnection> queue = Channel.CreateBounded<HandoffConnection>(
        new BoundedChannelOptions(MachineLimits.MaxQueuedHandoffs) { SingleReader = true }
    );

    /// <summary>False: the queue is full or has ended, or the client has gone; the handle is closed.</summary>
    public bool TryEnqueue(int handle, in Endpoint clientAddress, ReadOnlySpan<byte> unread)
    {
        var owner = new SafeSocketHandle(handle, ownsHandle: true);
        Socket socket;
        try
        {
            socket = new Socket(owner);
        }
        catch (SocketException)
        {
            // The client has disconnected meanwhile.
            owner.Dispose();
            return false;
        }
        if (queue.Writer.TryWrite(new HandoffConnection(socket, clientAddress, unread.ToArray())))
        {
            return true;
        }
        socket.Dispose();
        return false;
    }

    /// <summary>Waits for the next connection; null: there will be no more.</summary>
    public async ValueTask<HandoffConnection?> DequeueAsync(CancellationToken stop)
    {
        while (await queue.Reader.WaitToReadAsync(stop).ConfigureAwait(false))
        {
            if (queue.Reader.TryRead(out var next))
            {
                return next;
            }
        }
        return null;
    }

    /// <summary>Accepts no more connections; those in the queue can still be dequeued.</summary>
    public void End() => queue.Writer.TryComplete();

    /// <summary>Closes the connections in the queue.</summary>
    public void Clear()
    {
        while (queue.Reader.TryRead(out var left))
        {
            left.Socket.Dispose();
        }
    }
}
