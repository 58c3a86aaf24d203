using System.Diagnostics;
using System.Net;
using Anatomic.Comparison.Linux;
using Anatomic.Comparison.Load;

namespace Anatomic.Comparison.Http;

/// <summary>A load on one HTTP server from one thread: many connections with one pending request each.</summary>
internal sealed class HttpLoad : IDisposable
{
    private const int PollMilliseconds = 50;

    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(2);

    private readonly HttpConnection[] connections;
    private readonly PollEntry[] entries;
    private readonly IHttpWorkload workload;
    private readonly bool keepAlive;

    /// <param name="server">A loopback address.</param>
    /// <param name="connections">How many at once.</param>
    /// <param name="keepAlive">Whether a connection serves more than one request.</param>
    /// <param name="workload">The requests.</param>
    public HttpLoad(IPEndPoint server, int connections, bool keepAlive, IHttpWorkload workload)
    {
        var address = SocketAddressBytes.Of(server);
        this.connections =
        [
            .. Enumerable.Range(0, connections).Select(i => new HttpConnection(address, i % Population.V4Sources)),
        ];
        entries = new PollEntry[connections];
        (this.keepAlive, this.workload) = (keepAlive, workload);
    }

    /// <summary>Each connection sends the next request as soon as the last one is answered.</summary>
    public LoadResult RunClosedLoop(TimeSpan time) => Run(time, pacer: null);

    /// <summary>
    /// Sends requests at a fixed rate (see <see cref="RequestPacer"/>), each on an idle connection, and measures the
    /// time until the kernel receives each response.
    /// </summary>
    /// <remarks>A request is not timed if the generator's core must have paused while sending it.</remarks>
    public LoadResult RunOpenLoop(double requestsPerSecond, TimeSpan time)
    {
        using var clock = new ReceiveTimestampClock();
        Array.ForEach(connections, connection => connection.Clock = clock);
        return Run(time, new RequestPacer(requestsPerSecond, Stopwatch.GetTimestamp()));
    }

    public void Dispose() => Array.ForEach(connections, connection => connection.Close());

    private LoadResult Run(TimeSpan time, RequestPacer? pacer)
    {
        var result = new LoadResult();
        var begin = Stopwatch.GetTimestamp();
        var end = begin + (long)(time.TotalSeconds * Stopwatch.Frequency);
        var (lastSweep, lastTurn) = (begin, begin);
        while (true)
        {
            var now = Stopwatch.GetTimestamp();
            if (now >= end)
            {
                break;
            }
            var isLate = now - lastTurn > RequestPacer.MaxLateness;
            lastTurn = now;
            SendDue(pacer);
            Poll(pacer is null ? PollMilliseconds : 0);
            for (var i = 0; i < connections.Length; i++)
            {
                if (entries[i].ReturnedEvents != 0)
                {
                    Continue(connections[i], result, isLate);
                }
            }
            if (Stopwatch.GetElapsedTime(lastSweep) > RequestTimeout / 4)
            {
                lastSweep = Stopwatch.GetTimestamp();
                Expire(result);
            }
        }
        result.Time = Stopwatch.GetElapsedTime(begin);
        foreach (var connection in connections)
        {
            connection.Finish();
            connection.Close();
        }
        return result;
    }

    private void SendDue(RequestPacer? pacer)
    {
        foreach (var connection in connections)
        {
            if (!connection.IsIdle)
            {
                continue;
            }
            var now = Stopwatch.GetTimestamp();
            var startedAt = now;
            if (pacer?.TryRelease(now, out startedAt) == false)
            {
                return;
            }
            connection.Send(workload, startedAt);
            connection.IsLate = Stopwatch.GetTimestamp() - now > RequestPacer.MaxLateness;
        }
        pacer?.NoteBacklog(Stopwatch.GetTimestamp());
    }

    private unsafe void Poll(int milliseconds)
    {
        for (var i = 0; i < connections.Length; i++)
        {
            // poll(2) ignores negative descriptors.
            entries[i].Handle = connections[i].IsIdle ? -1 : connections[i].Handle;
            entries[i].Events = connections[i].AwaitedEvents;
            entries[i].ReturnedEvents = 0;
        }
        fixed (PollEntry* first = entries)
        {
            _ = SystemCalls.Poll(first, (nuint)entries.Length, milliseconds);
        }
    }

    private void Continue(HttpConnection connection, LoadResult result, bool isLate)
    {
        if (connection.AwaitedEvents == SystemCalls.Writable)
        {
            connection.IsLate |= isLate;
            if (!connection.SendPending())
            {
                HandleBroken(connection, result);
            }
            return;
        }
        var outcome = connection.Receive(workload, out var closes);
        if (outcome == ReceiveOutcome.Broken)
        {
            HandleBroken(connection, result);
        }
        else if (outcome != ReceiveOutcome.Partial)
        {
            var isValid = outcome == ReceiveOutcome.Valid;
            result.Answered += isValid ? 1 : 0;
            result.Invalid += isValid ? 0 : 1;
            AddLatency(connection, result);
            connection.Finish();
            if (!keepAlive || closes || !isValid || ClosesSilently(result))
            {
                connection.Close();
            }
        }
    }

    private static void AddLatency(HttpConnection connection, LoadResult result)
    {
        if (connection.IsLate || connection.ReceivedAt is not { } receivedAt)
        {
            result.Untimed++;
        }
        else
        {
            result.AddLatency(connection.StartedAt, receivedAt);
        }
    }

    /// <summary>
    /// Some servers close connections without announcing it. Once that happened as often as there are connections, none
    /// is reused: sending to a closed connection each time would lower the rate of such a server.
    /// </summary>
    private bool ClosesSilently(LoadResult result) => result.Reopened > connections.Length;

    private static void HandleBroken(HttpConnection connection, LoadResult result)
    {
        connection.Close();
        if (connection.IsReused)
        {
            result.Reopened++;
            connection.Resend();
        }
        else
        {
            result.Lost++;
            connection.Finish();
        }
    }

    private void Expire(LoadResult result)
    {
        foreach (var connection in connections)
        {
            if (!connection.IsIdle && Stopwatch.GetElapsedTime(connection.StartedAt) > RequestTimeout)
            {
                connection.Close();
                connection.Finish();
                result.Lost++;
            }
        }
    }
}
