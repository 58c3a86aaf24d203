using System.Net;
using System.Net.Sockets;
using Anatomic.Machine.Configuration;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Machine.Network;

internal sealed class SocketListener : IListener
{
    private readonly Socket socket;

    public SocketListener(Endpoint at)
    {
        socket = Sockets.BindStream(at);
        try
        {
            socket.Listen(MachineLimits.ListenBacklog);
        }
        catch (SocketException cause)
        {
            socket.Dispose();
            throw NetworkErrors.Listen(at, cause);
        }
        Local = Sockets.LocalOf(socket);
    }

    public Endpoint Local { get; }

    public async ValueTask<IConnection> AcceptAsync(CancellationToken stop)
    {
        while (true)
        {
            Socket? accepted = null;
            try
            {
                accepted = await socket.AcceptAsync(stop).ConfigureAwait(false);
                return new SocketConnection(accepted, Endpoint.From((IPEndPoint)accepted.RemoteEndPoint!));
            }
            catch (SocketException) when (accepted is not null)
            {
                // Closed before it was accepted; wait for the next one.
                accepted.Dispose();
            }
            catch (SocketException cause)
                when (cause.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted)
            {
                // The same, found by the kernel.
            }
            catch (SocketException cause)
                when (cause.SocketErrorCode is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable)
            {
                // The connection waits in the backlog until another one closes; retrying at once would only waste CPU
                // time.
                await Task.Delay(MachineLimits.AcceptPause, stop).ConfigureAwait(false);
            }
            catch (Exception cause) when (cause is SocketException or ObjectDisposedException)
            {
                throw new NetworkException($"{Local} cannot accept more connections: {cause.Message}", cause);
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
