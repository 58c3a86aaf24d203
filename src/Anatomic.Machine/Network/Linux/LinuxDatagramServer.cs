using System.Net.Sockets;
using System.Runtime.InteropServices;
using Anatomic.Machine.Configuration;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Machine.Network.Linux;

/// <summary>
/// Several sockets at one address, among which the kernel distributes the senders (SO_REUSEPORT). Each has its own
/// <see cref="LinuxDatagramLoop"/>, so requests never change threads.
/// </summary>
internal sealed class LinuxDatagramServer : IRunningServer
{
    private readonly List<LinuxDatagramLoop> loops = [];
    private bool disposed;

    /// <exception cref="NetworkException">The address cannot be used.</exception>
    public LinuxDatagramServer(Endpoint at, int sockets, IDatagramHandler handler, Action<Exception> unhandled)
    {
        var bound = Bind(at, sockets);
        bound.ForEach(socket => DatagramFilter.TryAttach(socket, handler.Patterns));
        Local = Sockets.LocalOf(bound[0]);
        var wildcard = IsWildcard(at);
        foreach (var socket in bound)
        {
            loops.Add(new LinuxDatagramLoop(socket, Local, handler, unhandled, wildcard));
        }
        loops.ForEach(loop => loop.Start());
    }

    public Endpoint Local { get; }

    public long Dropped => loops.Sum(loop => loop.Dropped);

    public ValueTask DisposeAsync()
    {
        if (disposed)
        {
            return ValueTask.CompletedTask;
        }
        disposed = true;
        loops.ForEach(loop => loop.End());
        loops.ForEach(loop => loop.Join());
        return ValueTask.CompletedTask;
    }

    private static List<Socket> Bind(Endpoint at, int count)
    {
        var sockets = new List<Socket>(count);
        try
        {
            // The first one binds alone, so that a port used by another program is rejected even if that shares it.
            var first = Create(at);
            sockets.Add(first);
            first.Bind(at.ToIPEndPoint());
            if (count > 1)
            {
                Set(first, LinuxCalls.SocketLevel, LinuxCalls.ReusePort, 1);
            }
            var local = Sockets.LocalOf(first).ToIPEndPoint();
            while (sockets.Count < count)
            {
                var next = Create(at);
                sockets.Add(next);
                Set(next, LinuxCalls.SocketLevel, LinuxCalls.ReusePort, 1);
                next.Bind(local);
            }
            return sockets;
        }
        catch (SocketException cause)
        {
            sockets.ForEach(socket => socket.Dispose());
            throw NetworkErrors.Listen(at, cause);
        }
    }

    private static Socket Create(in Endpoint at)
    {
        var socket = Sockets.Create(at, SocketType.Dgram);
        try
        {
            GrowReceiveBuffer(socket);
            if (at.IsV4)
            {
                Set(socket, LinuxCalls.LevelV4, LinuxCalls.PathMtuDiscovery, LinuxCalls.PathMtuNever);
            }
            if (IsWildcard(at))
            {
                Set(
                    socket,
                    at.IsV4 ? LinuxCalls.LevelV4 : LinuxCalls.LevelV6,
                    at.IsV4 ? LinuxCalls.PacketInfoV4 : LinuxCalls.ReceivePacketInfoV6,
                    1
                );
            }
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static void GrowReceiveBuffer(Socket socket)
    {
        const int Bytes = MachineLimits.DatagramServerReceiveBytes;
        try
        {
            Set(socket, LinuxCalls.SocketLevel, LinuxCalls.ReceiveBufferForce, Bytes);
        }
        catch (SocketException)
        {
            // Needs a privilege; without it, use as much as the system's limit allows.
            socket.ReceiveBufferSize = Bytes;
        }
    }

    private static bool IsWildcard(in Endpoint at) => at.IsV4 ? at.V4 == 0 : at is { High: 0, Low: 0 };

    private static void Set(Socket socket, int level, int option, int value) =>
        socket.SetRawSocketOption(level, option, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in value)));
}
