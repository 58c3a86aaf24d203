using System.Net.Sockets;
using System.Runtime.InteropServices;
using Anatomic.Machine.Configuration;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Machine.Network.Linux;

/// <summary>
/// One socket and its thread, which waits for what arrives and takes all of it in one call, lets the handler answer, and sends the
/// replies in another one.
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

    /// <param name="socket">Bound; closed by <see cref="Join"/>.</param>
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
        // So long does the end take where a call that waits is not woken by a shutdown.
        socket.ReceiveTimeout = (int)MachineLimits.DatagramWait.TotalMilliseconds;
        buffers = new LinuxDatagramBuffers(local.IsV4, wildcard);
        thread = new Thread(Serve) { Name = $"datagrams {local.Port}", IsBackground = true };
    }

    /// <summary>Datagrams that the socket's filter or its full queue has dropped; from any thread.</summary>
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
                // Not every system counts them, and an ended server has nothing to tell.
                return 0;
            }
        }
    }

    public void Start() => thread.Start();

    /// <summary>After the batch at hand.</summary>
    public void End()
    {
        isEnding = true;
        try
        {
            socket.Shutdown(SocketShutdown.Receive);
        }
        catch (SocketException)
        {
            // There is no connection that could be shut down, says the system, and wakes who waits all the same.
        }
    }

    /// <summary>Waits for the end of the loop, and only then closes its socket: no call can hit another's handle.</summary>
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
            // Nothing there for long, an interruption, or the error of an earlier send, which is over once it is told: each is
            // answered by waiting again.
            AssertNotOwn(Marshal.GetLastPInvokeError());
        }
    }

    private void Answer(int filled)
    {
        if (buffers.Take(filled) > 0)
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
                // It was an earlier reply that nobody took; this one has not been tried yet.
                retried = true;
                continue;
            }
            // No route, a firewall, a full queue: this datagram is lost, as datagrams may be; the others are not.
            AssertNotOwn(error);
            retried = false;
            sent++;
        }
    }

    /// <summary>These errors say that the loop itself is wrong; to go on would be to do nothing at full speed.</summary>
    private static void AssertNotOwn(int error) =>
        Invariant.Holds(
            error is not (LinuxCalls.BadHandle or LinuxCalls.Fault or LinuxCalls.NotASocket),
            "the handles and buffers of a datagram loop are whole"
        );
}
