using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Anatomic.Cli.Operations;

/// <summary>
/// Reports the state of the service to systemd, as sd_notify(3) describes: lines in a datagram to the Unix socket in
/// <c>NOTIFY_SOCKET</c>. Without that variable it does nothing.
/// </summary>
internal sealed class SystemdNotifier : IDisposable
{
    private readonly Socket? socket;

    public SystemdNotifier(Func<string, string?> variable)
    {
        WatchdogPeriod = ReadWatchdogPeriod(variable);
        if (variable("NOTIFY_SOCKET") is not { Length: > 1 } path || path[0] is not ('/' or '@'))
        {
            return;
        }
        try
        {
            socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };
            // A leading @ stands for the zero byte of the abstract namespace.
            socket.Connect(new UnixDomainSocketEndPoint(path[0] == '@' ? '\0' + path[1..] : path));
        }
        catch (SocketException)
        {
            // Nobody listens; the service runs unsupervised.
            socket?.Dispose();
            socket = null;
        }
    }

    /// <summary>How often to notify the watchdog: half of its timeout; null without a watchdog.</summary>
    public TimeSpan? WatchdogPeriod { get; }

    /// <summary>The service is ready.</summary>
    /// <param name="status">A line that <c>systemctl status</c> shows.</param>
    public void Ready(string status) => Send($"READY=1\nSTATUS={status}");

    /// <summary>The service reloads its files; <see cref="Ready(string)"/> must follow.</summary>
    public void Reloading() =>
        Send(string.Create(CultureInfo.InvariantCulture, $"RELOADING=1\nMONOTONIC_USEC={MonotonicMicroseconds()}"));

    public void Stopping() => Send("STOPPING=1");

    /// <summary>The service is alive.</summary>
    public void NotifyWatchdog() => Send("WATCHDOG=1");

    public void Dispose() => socket?.Dispose();

    private void Send(string lines)
    {
        try
        {
            socket?.Send(Encoding.UTF8.GetBytes(lines));
        }
        catch (SocketException)
        {
            // systemd is restarting or its queue is full; the next notification replaces this one.
        }
    }

    private static TimeSpan? ReadWatchdogPeriod(Func<string, string?> variable)
    {
        var isOurs =
            variable("WATCHDOG_PID") is not { Length: > 0 } pid
            || pid == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        return
            isOurs
            && long.TryParse(
                variable("WATCHDOG_USEC"),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var timeout
            )
            && timeout is > 1 and < long.MaxValue / 10
            ? TimeSpan.FromMicroseconds(timeout / 2)
            : null;
    }

    /// <summary>CLOCK_MONOTONIC, which Stopwatch reads on Linux.</summary>
    private static long MonotonicMicroseconds() =>
        (long)(Stopwatch.GetTimestamp() * (1_000_000.0 / Stopwatch.Frequency));
}
