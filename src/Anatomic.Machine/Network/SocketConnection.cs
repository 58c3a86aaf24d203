using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Machine.Network;

/// <summary>
/// A TCP connection. A send that is cancelled half way closes it, because the next bytes would be misplaced.
/// </summary>
internal sealed class SocketConnection : IConnection
{
    private readonly Socket socket;
    private GatherSend? gather;

    public SocketConnection(Socket socket, Endpoint remote)
    {
        this.socket = socket;
        Remote = remote;
        Local = Sockets.LocalOf(socket);
        // Small messages must not wait for the acknowledgement of earlier ones; callers combine larger ones themselves.
        socket.NoDelay = true;
    }

    public Endpoint Local { get; }

    public Endpoint Remote { get; }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<int> ReceiveAsync(Memory<byte> into, CancellationToken stop)
    {
        try
        {
            return await socket.ReceiveAsync(into, SocketFlags.None, stop).ConfigureAwait(false);
        }
        catch (Exception cause) when (cause is SocketException or ObjectDisposedException)
        {
            throw NetworkErrors.Broken(Remote, cause);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken stop)
    {
        try
        {
            while (bytes.Length > 0)
            {
                var sent = await socket.SendAsync(bytes, SocketFlags.None, stop).ConfigureAwait(false);
                bytes = bytes[sent..];
            }
        }
        catch (Exception cause) when (cause is SocketException or ObjectDisposedException)
        {
            throw NetworkErrors.Broken(Remote, cause);
        }
        catch (OperationCanceledException)
        {
            socket.Dispose();
            throw;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask SendAsync(IReadOnlyList<ReadOnlyMemory<byte>> parts, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        gather ??= new GatherSend();
        gather.Load(parts);
        // A gathered send does not support cancellation; closing the socket ends it.
        using var broken = stop.UnsafeRegister(static state => ((Socket)state!).Dispose(), socket);
        try
        {
            while (gather.Left > 0)
            {
                await gather.SendAsync(socket).ConfigureAwait(false);
            }
        }
        catch (Exception cause) when (cause is SocketException or ObjectDisposedException)
        {
            stop.ThrowIfCancellationRequested();
            throw NetworkErrors.Broken(Remote, cause);
        }
        finally
        {
            gather.Clear();
        }
    }

    public ValueTask DisposeAsync()
    {
        try
        {
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // Already closed by the other side or a cancelled send.
        }
        socket.Dispose();
        gather?.Dispose();
        return ValueTask.CompletedTask;
    }
}
