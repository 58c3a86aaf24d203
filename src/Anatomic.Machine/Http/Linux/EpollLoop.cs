using System.Net.Sockets;
using System.Runtime.InteropServices;
using Anatomic.Machine.Configuration;
using Anatomic.Machine.Network.Linux;
using Anatomic.Wire;

namespace Anatomic.Machine.Http.Linux;

/// <summary>
/// One thread that accepts connections, answers what is the front's, and hands the others over. It waits for the listener, for
/// all its connections and for an eventfd at once; nothing else in it waits.
/// </summary>
internal sealed unsafe class EpollLoop : IDisposable
{
    private const ulong WakeToken = ulong.MaxValue;
    private const ulong ListenerToken = ulong.MaxValue - 1;

    /// <summary>So many new connections before the others have their turn; nginx takes all that are there.</summary>
    private const int AcceptedAtOnce = 64;

    /// <summary>How often deadlines are looked at.</summary>
    private const int LookMilliseconds = 500;

    private readonly EpollTransportOptions setup;
    private readonly Socket listener;
    private readonly int wake;
    private readonly Epoll epoll = new();
    private readonly ConnectionTable clients;
    private readonly ConnectionHandler conversation;
    private readonly Thread thread;

    /// <summary>Until then no more are accepted: the process may open no more files.</summary>
    private long pausedUntil;
    private long now = Environment.TickCount64;

    /// <param name="listener">Shared by all loops of the server, and closed by it.</param>
    /// <param name="wake">An eventfd: the loop ends once it is readable.</param>
    /// <param name="most">Connections at a time.</param>
    public EpollLoop(EpollTransportOptions setup, Socket listener, int wake, int most, string name)
    {
        this.setup = setup;
        this.listener = listener;
        this.wake = wake;
        clients = new ConnectionTable(most);
        conversation = new ConnectionHandler(setup, clients, epoll);
        thread = new Thread(Serve) { Name = name, IsBackground = true };
    }

    /// <summary>Open now; from any thread.</summary>
    public int Connections => clients.Count;

    public void Start() => thread.Start();

    /// <summary>Waits for its end, which the eventfd has asked for.</summary>
    public void Dispose()
    {
        thread.Join();
        epoll.Dispose();
    }

    private int Listener => (int)listener.Handle;

    private void Serve()
    {
        LinuxCalls.RaiseThreadPriority();
        Watch(wake, Readiness.Readable, WakeToken);
        WatchListener();
        var isEnding = false;
        while (!isEnding)
        {
            isEnding = Round(clients.Count == 0 && pausedUntil == 0 ? -1 : LookMilliseconds);
        }
        Finish();
    }

    /// <summary>Waits, and serves whoever is ready. True: the loop is to end.</summary>
    private bool Round(int milliseconds)
    {
        var isEnding = false;
        var ready = epoll.Wait(milliseconds);
        now = Environment.TickCount64;
        for (var i = 0; i < ready; i++)
        {
            isEnding |= Turn(epoll.Token(i));
        }
        conversation.AnswerAll(now);
        LookAround();
        return isEnding;
    }

    /// <summary>True: the loop is to end.</summary>
    private bool Turn(ulong token)
    {
        if (token == WakeToken)
        {
            return true;
        }
        if (token == ListenerToken)
        {
            Accept(AcceptedAtOnce);
        }
        else if (clients.Find(token) is { } client)
        {
            conversation.Continue(client, now);
        }
        return false;
    }

    private void LookAround()
    {
        while (clients.Overdue(now) is { } late)
        {
            conversation.Close(late);
        }
        if (pausedUntil != 0 && now >= pausedUntil)
        {
            pausedUntil = 0;
            WatchListener();
        }
    }

    private void Accept(int atMost)
    {
        var name = stackalloc byte[SocketAddresses.NameBytes];
        for (var i = 0; i < atMost; i++)
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
            if (clients.IsFull && !MakeRoom())
            {
                _ = LinuxCalls.Close(handle);
                continue;
            }
            var from = AddressOf(new ReadOnlySpan<byte>(name, (int)Math.Min(nameBytes, SocketAddresses.NameBytes)));
            var client = clients.Add(handle, from, setup.Proxies.Has(from, setup.IsUnix));
            // What it wants to say is usually there already: then it is answered without the epoll's ever hearing of it.
            conversation.Begin(client, now);
        }
    }

    private Endpoint AddressOf(ReadOnlySpan<byte> name)
    {
        var v4 = name.Length < SocketAddresses.V6Bytes;
        return !setup.IsUnix && SocketAddresses.TryRead(name, v4, out var from) ? from : default;
    }

    private static bool IsOutOfHandles(int error) =>
        error
            is StreamCalls.TooManyOpenHere
                or StreamCalls.TooManyOpen
                or StreamCalls.NoMemory
                or StreamCalls.NoBuffers;

    /// <summary>False: there is nobody who could go.</summary>
    private bool MakeRoom()
    {
        // None of those that have been heard may be closed before it is answered; and some of them end with their answer.
        var before = clients.Count;
        conversation.AnswerAll(now);
        if (clients.Count < before)
        {
            return true;
        }
        if (clients.LeastMissed is not { } silent)
        {
            return false;
        }
        conversation.Close(silent);
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

    /// <summary>Whoever has been let in by now is answered; then all are let go, those with replies under way a little later.</summary>
    private void Finish()
    {
        if (pausedUntil == 0)
        {
            epoll.Remove(Listener);
        }
        epoll.Remove(wake);
        Accept(MachineLimits.ListenBacklog);
        conversation.AnswerAll(now);
        foreach (var client in clients.All.ToList())
        {
            conversation.End(client, now);
        }
        var end = now + (long)MachineLimits.StopTimeout.TotalMilliseconds;
        while (clients.Count > 0 && now < end)
        {
            Round(LookMilliseconds);
        }
        foreach (var client in clients.All.ToList())
        {
            conversation.Close(client);
        }
    }
}
