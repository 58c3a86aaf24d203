using System.Diagnostics;
using System.Net;
using Anatomic.Comparison.Linux;
using Anatomic.Comparison.Load;

namespace Anatomic.Comparison.Http;

/// <summary>A load on one HTTP server from one thread: many connections, one request under way on each.</summary>
internal sealed class HttpLoad : IDisposable
{
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(2);

    private readonly HttpConnection[] connections;
    private readonly PollEntry[] entries;
    private readonly IHttpWork work;
    private readonly bool keeps;

    /// <param name="server">A loopback address.</param>
    /// <param name="connections">At most as many as there are sources to come from.</param>
    /// <param name="keeps">Whether a connection is used for more than one request.</param>
    /// <param name="work">What is asked.</param>
    public HttpLoad(IPEndPoint server, int connections, bool keeps, IHttpWork work)
    {
        var name = SocketName.Of(server);
        this.connections =
        [
            .. Enumerable.Range(0, connections).Select(i => new HttpConnection(name, i % Population.V4Sources)),
        ];
        entries = new PollEntry[connections];
        (this.keeps, this.work) = (keeps, work);
    }

    /// <summary>Each connection asks again as soon as it is answered.</summary>
    public LoadResult Closed(TimeSpan time) => Run(time, pace: null);

    /// <summary>
    /// So many requests a second, each on a connection that is free, as <see cref="Pace"/> says, and how long it took until the kernel had
    /// each reply. A request is not timed where the generator's core must have stood still while it was sent.
    /// </summary>
    public LoadResult Open(double perSecond, TimeSpan time)
    {
        using var clock = new ArrivalClock();
        Array.ForEach(connections, connection => connection.Clock = clock);
        return Run(time, new Pace(perSecond, Stopwatch.GetTimestamp()));
    }

    public void Dispose() => Array.ForEach(connections, connection => connection.Close());

    private LoadResult Run(TimeSpan time, Pace? pace)
    {
        var result = new LoadResult();
        var begin = Stopwatch.GetTimestamp();
        var end = begin + (long)(time.TotalSeconds * Stopwatch.Frequency);
        var (swept, turn) = (begin, begin);
        while (true)
        {
            var now = Stopwatch.GetTimestamp();
            if (now >= end)
            {
                break;
            }
            var isLate = now - turn > Pace.Slack;
            turn = now;
            Ask(pace);
            Wait(pace is null ? 50 : 0);
            for (var i = 0; i < connections.Length; i++)
            {
                if (entries[i].Seen != 0)
                {
                    Serve(connections[i], result, isLate);
                }
            }
            if (Stopwatch.GetElapsedTime(swept) > GiveUpAfter / 4)
            {
                swept = Stopwatch.GetTimestamp();
                GiveUp(result);
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

    private void Ask(Pace? pace)
    {
        foreach (var connection in connections)
        {
            if (!connection.IsIdle)
            {
                continue;
            }
            var now = Stopwatch.GetTimestamp();
            var since = now;
            if (pace?.TryTake(now, out since) == false)
            {
                return;
            }
            connection.Ask(work, since);
            connection.IsLate = Stopwatch.GetTimestamp() - now > Pace.Slack;
        }
        pace?.HoldUp(Stopwatch.GetTimestamp());
    }

    private unsafe void Wait(int milliseconds)
    {
        for (var i = 0; i < connections.Length; i++)
        {
            // A negative handle is passed over by poll.
            entries[i].Handle = connections[i].IsIdle ? -1 : connections[i].Handle;
            entries[i].Wanted = connections[i].Wanted;
            entries[i].Seen = 0;
        }
        fixed (PollEntry* first = entries)
        {
            _ = LinuxCalls.Poll(first, (nuint)entries.Length, milliseconds);
        }
    }

    private void Serve(HttpConnection connection, LoadResult result, bool isLate)
    {
        if (connection.Wanted == LinuxCalls.Writable)
        {
            connection.IsLate |= isLate;
            if (!connection.Push())
            {
                Break(connection, result);
            }
            return;
        }
        var state = connection.Pull(work, out var good, out var closes, out var broken);
        if (broken)
        {
            Break(connection, result);
        }
        else if (state != ReplyState.Partial)
        {
            result.Answered += good ? 1 : 0;
            result.Bad += good ? 0 : 1;
            Note(connection, result);
            connection.Finish();
            if (!keeps || closes || !good || EndsAnyway(result))
            {
                connection.Close();
            }
        }
    }

    private static void Note(HttpConnection connection, LoadResult result)
    {
        if (connection.IsLate || connection.Came is not { } came)
        {
            result.Untimed++;
        }
        else
        {
            result.Note(connection.Since, came);
        }
    }

    /// <summary>
    /// Some servers end a connection without saying so. When this happened to each connection, they are no longer reused:
    /// to send into the void each time would cost such a server's figure.
    /// </summary>
    private bool EndsAnyway(LoadResult result) => result.Reopened > connections.Length;

    private static void Break(HttpConnection connection, LoadResult result)
    {
        connection.Close();
        if (connection.IsReused)
        {
            result.Reopened++;
            connection.AskAgain();
        }
        else
        {
            result.Lost++;
            connection.Finish();
        }
    }

    private void GiveUp(LoadResult result)
    {
        foreach (var connection in connections)
        {
            if (!connection.IsIdle && Stopwatch.GetElapsedTime(connection.Since) > GiveUpAfter)
            {
                connection.Close();
                connection.Finish();
                result.Lost++;
            }
        }
    }
}
