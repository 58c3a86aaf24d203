using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Anatomic.Cli.Operations;

/// <summary>
/// Tells systemd how the service is, as sd_notify(3) says: lines in a datagram to the Unix socket that <c>NOTIFY_SOCKET</c> names.
/// Without that variable nobody is told.
/// </summary>
internal sealed class SystemdNotifier : IDisposable
{
    private readonly Socket? socket;

    public SystemdNotifier(Func<string, string?> variable)
    {
        WatchdogEvery = WatchdogOf(variable);
        if (variable("NOTIFY_SOCKET") is not { Length: > 1 } path || path[0] is not ('/' or '@'))
        {
            return;
        }
        try
        {
            socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };
            // A name that begins with @ is in the abstract namespace, where the first byte is zero.
            socket.Connect(new UnixDomainSocketEndPoint(path[0] == '@' ? '\0' + path[1..] : path));
        }
        catch (SocketException)
        {
            // Nobody listens: a service runs without being watched, too.
            socket?.Dispose();
            socket = null;
        }
    }

    /// <summary>How often the watchdog wants to be fed: half of its patience; null: there is none.</summary>
    public TimeSpan? WatchdogEvery { get; }

    /// <summary>It answers.</summary>
    /// <param name="status">A line for who asks how the service is.</param>
    public void Ready(string status) => Send($"READY=1\nSTATUS={status}");

    /// <summary>It reads its lists again; <see cref="Ready(string)"/> is to follow.</summary>
    public void Reloading() =>
        Send(string.Create(CultureInfo.InvariantCulture, $"RELOADING=1\nMONOTONIC_USEC={MonotonicMicroseconds()}"));

    public void Stopping() => Send("STOPPING=1");

    /// <summary>It is alive.</summary>
    public void FeedWatchdog() => Send("WATCHDOG=1");

    public void Dispose() => socket?.Dispose();

    private void Send(string lines)
    {
        try
        {
            socket?.Send(Encoding.UTF8.GetBytes(lines));
        }
        catch (SocketException)
        {
            // systemd is being restarted, or its queue is full; what it misses comes with the next word.
        }
    }

    private static TimeSpan? WatchdogOf(Func<string, string?> variable)
    {
        var isOurs =
            variable("WATCHDOG_PID") is not { Length: > 0 } pid
            || pid == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        return
            isOurs
            && long.TryParse(variable("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out var wait)
            && wait is > 1 and < long.MaxValue / 10
            ? TimeSpan.FromMicroseconds(wait / 2)
            : null;
    }

    /// <summary>CLOCK_MONOTONIC, which is what the stopwatch reads on Linux.</summary>
    private static long MonotonicMicroseconds() =>
        (long)(Stopwatch.GetTimestamp() * (1_000_000.0 / Stopwatch.Frequency));
}
