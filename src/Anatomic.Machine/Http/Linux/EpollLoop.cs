using System.Net.Sockets;
using System.Runtime.InteropServices;
using Anatomic.Machine.Configuration;
using Anatomic.Machine.Network.Linux;
using Anatomic.Wire;

namespace Anatomic.Machine.Http.Linux;

/// <summary>
/// One thread that accepts connections, answers requests for the front, and hands the other connections to Kestrel. It
/// waits for the listener, its connections and an eventfd in one call, and nowhere else.
/// </summary>
internal sealed unsafe class EpollLoop : IDisposable
{
    private const ulong WakeToken = ulong.MaxValue;
    private const ulong ListenerToken = ulong.MaxValue - 1;

    /// <summary>The interval at which deadlines are checked.</summary>
    private const int CheckMilliseconds = 500;

    private readonly EpollTransportOptions options;
    private readonly Socket listener;
    private readonly int wake;
    private readonly Epoll epoll = new();
    private readonly ConnectionTable connections;
    private readonly ConnectionHandler handler;
    private readonly Thread thread;

    /// <summary>
    /// No connections are accepted until then, as the process can open no more files; 0: they are accepted.
    /// </summary>
    private long pausedUntil;
    private long now = Environment.TickCount64;

    /// <param name="listener">Shared by all loops of the server, which closes it.</param>
    /// <param name="wake">An eventfd: the loop stops once it is readable.</param>
    /// <param name="maxConnections">The limit of open connections.</param>
    /// <param name="name">The name of the thread.</param>
    public EpollLoop(EpollTransportOptions options, Socket listener, int wake, int maxConnections, string name)
    {
        this.options = options;
        this.listener = listener;
        this.wake = wake;
        connections = new ConnectionTable(maxConnections);
        handler = new ConnectionHandler(options, connections, epoll);
        thread = new Thread(Run) { Name = name, IsBackground = true };
    }

    /// <summary>The number of open connections; can be read from any thread.</summary>
    public int Connections => connections.Count;

    public void Start() => thread.Start();

    /// <summary>Waits until the thread has ended, which the eventfd requests.</summary>
    public void Dispose()
    {
        thread.Join();
        epoll.Dispose();
    }

    private int Listener => (int)listener.Handle;

    private void Run()
    {
        LinuxCalls.RaiseThreadPriority();
        Watch(wake, Readiness.Readable, WakeToken);
        WatchListener();
        var isStopping = false;
        while (!isStopping)
        {
            isStopping = RunOnce(connections.Count == 0 && pausedUntil == 0 ? -1 : CheckMilliseconds);
        }
        Stop();
    }

    /// <summary>Waits, and serves what is ready. True: the loop must stop.</summary>
    private bool RunOnce(int milliseconds)
    {
        var isStopping = false;
        var ready = epoll.Wait(milliseconds);
        now = Environment.TickCount64;
        for (var i = 0; i < ready; i++)
        {
            isStopping |= Dispatch(epoll.Token(i));
        }
        handler.AnswerReceived(now);
        CheckDeadlines();
        return isStopping;
    }

    /// <summary>Serves what an event is about. True: the loop must stop.</summary>
    private bool Dispatch(ulong token)
    {
        if (token == WakeToken)
        {
            return true;
        }
        if (token == ListenerToken)
        {
            Accept(MachineLimits.AcceptBatch);
        }
        else if (connections.Find(token) is { } connection)
        {
            handler.Continue(connection, now);
        }
        return false;
    }

    private void CheckDeadlines()
    {
        while (connections.Expired(now) is { } late)
        {
            handler.Close(late);
        }
        if (pausedUntil != 0 && now >= pausedUntil)
        {
            pausedUntil = 0;
            WatchListener();
        }
    }

    private void Accept(int limit)
    {
        var name = stackalloc byte[SocketAddresses.NameBytes];
        for (var i = 0; i < limit; i++)
        {
            var nameBytes = (uint)SocketAddresses.NameBytes;
            var handle = StreamCalls.Accept(
                Listener,
                name,
                &nameBytes,
                StreamCalls.NonBlocking | StreamCalls.CloseOnExec
            );
            if (handle < 0)
            {
                if (IsOutOfHandles(Marshal.GetLastPInvokeError()) && !MakeRoom())
                {
                    Pause();
                }
                return;
            }
            if (connections.IsFull && !MakeRoom())
            {
                _ = LinuxCalls.Close(handle);
                continue;
            }
            var from = AddressOf(new ReadOnlySpan<byte>(name, (int)Math.Min(nameBytes, SocketAddresses.NameBytes)));
            var expectsProxyHeader = options.Proxies.Contains(from, options.IsUnix);
            // Its request has usually arrived: then it is answered without a call to epoll.
            handler.Begin(connections.Add(handle, from, expectsProxyHeader), now);
        }
    }

    private Endpoint AddressOf(ReadOnlySpan<byte> name)
    {
        var v4 = name.Length < SocketAddresses.V6Bytes;
        return !options.IsUnix && SocketAddresses.TryRead(name, v4, out var from) ? from : default;
    }

    private static bool IsOutOfHandles(int error) =>
        error
            is StreamCalls.TooManyOpenHere
                or StreamCalls.TooManyOpen
                or StreamCalls.NoMemory
                or StreamCalls.NoBuffers;

    /// <summary>Closes a connection, or lets one end; false: there is none.</summary>
    private bool MakeRoom()
    {
        // What has been received from must be answered before it is closed; some connections end with their reply.
        var before = connections.Count;
        handler.AnswerReceived(now);
        if (connections.Count < before)
        {
            return true;
        }
        if (connections.LeastActive is not { } silent)
        {
            return false;
        }
        handler.Close(silent);
        return true;
    }

    private void Pause()
    {
        pausedUntil = now + (long)MachineLimits.AcceptPause.TotalMilliseconds;
        epoll.Remove(Listener);
    }

    private void WatchListener() => Watch(Listener, Readiness.Readable | Readiness.Exclusive, ListenerToken);

    private void Watch(int handle, Readiness until, ulong token) =>
        Invariant.Holds(epoll.TryAdd(handle, until, token), "a loop can watch its listener");

    /// <summary>Answers the requests that have arrived, sends the replies, and closes all connections.</summary>
    private void Stop()
    {
        if (pausedUntil == 0)
        {
            epoll.Remove(Listener);
        }
        epoll.Remove(wake);
        Accept(MachineLimits.ListenBacklog);
        handler.AnswerReceived(now);
        foreach (var connection in connections.Open.ToList())
        {
            handler.Stop(connection, now);
        }
        var end = now + (long)MachineLimits.StopTimeout.TotalMilliseconds;
        while (connections.Count > 0 && now < end)
        {
            RunOnce(CheckMilliseconds);
        }
        foreach (var connection in connections.Open.ToList())
        {
            handler.Close(connection);
        }
    }
}
