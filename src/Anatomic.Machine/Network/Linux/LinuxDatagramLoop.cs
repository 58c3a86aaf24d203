using System.Net.Sockets;
using System.Runtime.InteropServices;
using Anatomic.Machine.Configuration;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Machine.Network.Linux;

/// <summary>
/// A socket and its thread, which receives all waiting datagrams in one call, calls the handler and sends the replies
/// in another call.
/// </summary>
internal sealed unsafe class LinuxDatagramLoop
{
    private const int DropsFigure = 8; // SK_MEMINFO_DROPS
    private const int MemoryFigures = DropsFigure + 1; // SK_MEMINFO_VARS

    private readonly Socket socket;
    private readonly int handle;
    private readonly IDatagramHandler handler;
    private readonly Action<Exception> unhandled;
    private readonly LinuxDatagramBuffers buffers;
    private readonly Thread thread;
    private volatile bool isEnding;

    /// <param name="socket">A bound socket; <see cref="Join"/> closes it.</param>
    public LinuxDatagramLoop(
        Socket socket,
        in Endpoint local,
        IDatagramHandler handler,
        Action<Exception> unhandled,
        bool wildcard
    )
    {
        this.socket = socket;
        this.handler = handler;
        this.unhandled = unhandled;
        handle = (int)socket.Handle;
        // If a shutdown does not wake the waiting call, stopping takes this long.
        socket.ReceiveTimeout = (int)MachineLimits.DatagramWait.TotalMilliseconds;
        buffers = new LinuxDatagramBuffers(local.IsV4, wildcard);
        thread = new Thread(Serve) { Name = $"datagrams {local.Port}", IsBackground = true };
    }

    /// <summary>Datagrams dropped by the socket's filter or its full queue; may be read from any thread.</summary>
    public long Dropped
    {
        get
        {
            Span<uint> information = stackalloc uint[MemoryFigures];
            try
            {
                var bytes = socket.GetRawSocketOption(
                    LinuxCalls.SocketLevel,
                    LinuxCalls.MemoryInformation,
                    MemoryMarshal.AsBytes(information)
                );
                return bytes == MemoryFigures * sizeof(uint) ? information[DropsFigure] : 0;
            }
            catch (Exception cause) when (cause is SocketException or ObjectDisposedException)
            {
                // Not supported by every system, and not available after the end.
                return 0;
            }
        }
    }

    public void Start() => thread.Start();

    /// <summary>Ends the loop after the current batch.</summary>
    public void End()
    {
        isEnding = true;
        try
        {
            socket.Shutdown(SocketShutdown.Receive);
        }
        catch (SocketException)
        {
            // The system reports that there is no connection, but wakes the waiting call nevertheless.
        }
    }

    /// <summary>Waits for the loop, then closes its socket, so that no call can hit a reused handle.</summary>
    public void Join()
    {
        thread.Join();
        socket.Dispose();
    }

    private void Serve()
    {
        LinuxCalls.RaiseThreadPriority();
        while (!isEnding)
        {
            var filled = LinuxCalls.ReceiveMany(
                handle,
                buffers.Received,
                MachineLimits.DatagramBatch,
                LinuxCalls.WaitForOne,
                null
            );
            if (filled > 0)
            {
                Answer(filled);
                continue;
            }
            // A timeout, an interruption, or the error of an earlier send, which is cleared by being reported: wait
            // again.
            AssertNotOwn(Marshal.GetLastPInvokeError());
        }
    }

    private void Answer(int filled)
    {
        if (buffers.ReadReceived(filled) > 0)
        {
            try
            {
                handler.Handle(buffers.Batch, buffers);
            }
            catch (Exception fault)
            {
                unhandled(fault);
            }
            Send();
        }
        buffers.Rearm(filled);
    }

    private void Send()
    {
        var retried = false;
        for (var sent = 0; sent < buffers.ReplyCount; )
        {
            var more = LinuxCalls.SendMany(handle, buffers.Replies + sent, (uint)(buffers.ReplyCount - sent), 0);
            if (more > 0)
            {
                sent += more;
                retried = false;
                continue;
            }
            var error = Marshal.GetLastPInvokeError();
            if (error == LinuxCalls.Interrupted)
            {
                continue;
            }
            if (error == LinuxCalls.Refused && !retried)
            {
                // The error belonged to an earlier reply; this one has not been tried yet.
                retried = true;
                continue;
            }
            // No route, a firewall, or a full queue: only this datagram is lost.
            AssertNotOwn(error);
            retried = false;
            sent++;
        }
    }

    /// <summary>These errors mean a bug in the loop; continuing would only burn CPU time.</summary>
    private static void AssertNotOwn(int error) =>
        Invariant.Holds(
            error is not (LinuxCalls.BadHandle or LinuxCalls.Fault or LinuxCalls.NotASocket),
            "the handles and buffers of a datagram loop are valid"
        );
}
