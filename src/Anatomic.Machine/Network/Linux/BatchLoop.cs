using System.Net.Sockets;
using System.Runtime.InteropServices;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Machine.Network.Linux;

/// <summary>
/// One socket and its thread, which takes what has arrived in one call, lets the handler answer, and sends the replies in
/// one call. It waits for the socket and for an eventfd at once, so that it can be ended at any time.
/// </summary>
internal sealed unsafe class BatchLoop
{
    /// <summary>Some 10 ms of a busy loop.</summary>
    private const int BatchesInARow = 64;

    private readonly Socket socket;
    private readonly int handle;
    private readonly int wake;
    private readonly IDatagramHandler handler;
    private readonly Action<Exception> unhandled;
    private readonly BatchBuffers buffers;
    private readonly Thread thread;

    /// <param name="socket">Bound; closed by <see cref="Join"/>.</param>
    /// <param name="wake">An eventfd: the loop ends once it is readable, after the batch at hand.</param>
    public BatchLoop(
        Socket socket,
        in Endpoint local,
        int wake,
        IDatagramHandler handler,
        Action<Exception> unhandled,
        bool wildcard
    )
    {
        this.socket = socket;
        this.wake = wake;
        this.handler = handler;
        this.unhandled = unhandled;
        handle = (int)socket.Handle;
        buffers = new BatchBuffers(local.IsV4, wildcard);
        thread = new Thread(Serve) { Name = $"datagrams {local.Port}", IsBackground = true };
    }

    public void Start() => thread.Start();

    /// <summary>Waits for the end of the loop, and only then closes its socket: no call can hit another's handle.</summary>
    public void Join()
    {
        thread.Join();
        socket.Dispose();
    }

    private void Serve()
    {
        while (Wait())
        {
            // As long as there is more, nothing is waited for; now and then the end has to be looked for all the same.
            for (var batch = 0; batch < BatchesInARow && TryServe(); batch++) { }
        }
    }

    /// <summary>One batch; false: there was none.</summary>
    private bool TryServe()
    {
        var filled = LinuxCalls.ReceiveMany(
            handle,
            buffers.Received,
            MachineLimits.DatagramBatch,
            LinuxCalls.DontWait,
            null
        );
        if (filled > 0)
        {
            Answer(filled);
            return true;
        }
        // Nothing there any more or after all (a wrong checksum wakes too), an interruption, or the error of an earlier send,
        // which is over once it is told: each is answered by waiting again.
        AssertNotOwn(Marshal.GetLastPInvokeError());
        return false;
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

    /// <summary>Until there is something to receive; false: the loop is to end.</summary>
    private bool Wait()
    {
        var entries = stackalloc PollEntry[2];
        entries[0] = new PollEntry { Handle = wake, Wanted = LinuxCalls.PollReadable };
        entries[1] = new PollEntry { Handle = handle, Wanted = LinuxCalls.PollReadable };
        while (LinuxCalls.Poll(entries, 2, -1) < 0)
        {
            AssertNotOwn(Marshal.GetLastPInvokeError());
        }
        return entries[0].Seen == 0;
    }

    /// <summary>These errors say that the loop itself is wrong; to go on would be to do nothing at full speed.</summary>
    private static void AssertNotOwn(int error) =>
        Invariant.Holds(
            error is not (LinuxCalls.BadHandle or LinuxCalls.Fault or LinuxCalls.NotASocket),
            "the handles and buffers of a datagram loop are whole"
        );
}
