using System.Net.Sockets;
using System.Threading.Channels;
using Anatomic.Machine.Configuration;
using Anatomic.Wire;

namespace Anatomic.Machine.Http.Linux;

/// <summary>A connection that goes on to the ordinary pipeline, with what was read of it and not answered.</summary>
/// <param name="Socket">The new owner closes it.</param>
/// <param name="From">The client; default: it came over a unix socket.</param>
/// <param name="Read">Comes before whatever the socket still has.</param>
internal readonly record struct HandoffConnection(Socket Socket, Endpoint From, byte[] Read);

/// <summary>From the loops to the ordinary pipeline.</summary>
internal sealed class HandOver
{
    private readonly Channel<HandoffConnection> queue = Channel.CreateBounded<HandoffConnection>(
        new BoundedChannelOptions(MachineLimits.WaitingHandOvers) { SingleReader = true }
    );

    /// <summary>False: nobody takes connections any more, or too many wait; the handle has been closed.</summary>
    public bool TryGive(int handle, in Endpoint from, ReadOnlySpan<byte> read)
    {
        var owner = new SafeSocketHandle(handle, ownsHandle: true);
        Socket socket;
        try
        {
            socket = new Socket(owner);
        }
        catch (SocketException)
        {
            // The client has gone meanwhile.
            owner.Dispose();
            return false;
        }
        if (queue.Writer.TryWrite(new HandoffConnection(socket, from, read.ToArray())))
        {
            return true;
        }
        socket.Dispose();
        return false;
    }

    /// <summary>The next one; null: there are no more.</summary>
    public async ValueTask<HandoffConnection?> TakeAsync(CancellationToken stop)
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

    /// <summary>No more are taken; those that wait can still be had.</summary>
    public void End() => queue.Writer.TryComplete();

    /// <summary>Closes those that nobody took.</summary>
    public void Drop()
    {
        while (queue.Reader.TryRead(out var left))
        {
            left.Socket.Dispose();
        }
    }
}
