using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using Anatomic.Comparison.CommandLine;
using Anatomic.Comparison.Linux;
using Anatomic.Comparison.Load;

namespace Anatomic.Comparison.Udp;

/// <summary>A load on one UDP server from one thread, which takes less time for a request than any server.</summary>
internal sealed class UdpLoad : IDisposable
{
    /// <summary>Datagrams that an open loop sends before it looks for replies, and takes before it sends.</summary>
    private const int OpenBatch = 16;

    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromMilliseconds(500);

    /// <summary>A server that answers nothing at all for so long is not there.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(20);

    private readonly UdpSocket socket;
    private readonly string server;
    private ulong[] connections;

    /// <summary>Gets a connection id for each source.</summary>
    public UdpLoad(IPEndPoint server, int sources)
    {
        this.server = $"udp://{server}";
        socket = new UdpSocket(server);
        connections = new ulong[sources];
        var connects = new UdpConnects(sources, rounds: 1);
        Finish(connects, outstanding: 16);
        connections = connects.Connections;
    }

    /// <summary>Keeps so many requests under way for this time.</summary>
    public LoadResult Closed(IUdpWork work, int outstanding, TimeSpan time)
    {
        var begin = Stopwatch.GetTimestamp();
        return Run(work, new InFlight(outstanding), begin + Ticks(time));
    }

    /// <summary>Asks until the work has nothing left to ask and everything is answered.</summary>
    public LoadResult Finish(IUdpWork work, int outstanding) => Run(work, new InFlight(outstanding), long.MaxValue);

    /// <summary>
    /// Sends so many requests a second whatever comes back, as <see cref="Pace"/> says, each by a call of its own so that none is charged
    /// for the sending of another, and notes how long it took until the kernel had each reply. A request whose sending took so long that
    /// the generator's core must have stood still is not timed.
    /// </summary>
    public LoadResult Open(IUdpWork work, double perSecond, TimeSpan time)
    {
        socket.AskForStamps();
        using var clock = new ArrivalClock();
        var flight = new InFlight(1 << 14);
        var result = new LoadResult { Time = time };
        var lateSendings = new HashSet<long>();
        var begin = Stopwatch.GetTimestamp();
        var pace = new Pace(perSecond, begin);
        var end = begin + Ticks(time);
        var swept = begin;
        while (true)
        {
            var now = Stopwatch.GetTimestamp();
            if (now >= end && (flight.Count == 0 || now >= end + Ticks(GiveUpAfter)))
            {
                break;
            }
            if (now < end)
            {
                SendDue(work, flight, pace, lateSendings);
            }
            // Few at a time, so that replies never make requests late.
            var count = socket.Receive(wait: false, OpenBatch);
            for (var i = 0; i < count; i++)
            {
                if (TryTake(work, flight, result, i, out var sentAt))
                {
                    Count(result, sentAt, lateSendings.Contains(sentAt) ? null : socket.StampOf(i), clock);
                }
            }
            Sweep(work, flight, result, ref swept);
        }
        result.Lost += flight.GiveUp(long.MaxValue, work.Lose);
        return result;
    }

    public void Dispose() => socket.Dispose();

    private LoadResult Run(IUdpWork work, InFlight flight, long end)
    {
        var result = new LoadResult();
        var begin = Stopwatch.GetTimestamp();
        var (swept, heard) = (begin, begin);
        while (true)
        {
            var now = Stopwatch.GetTimestamp();
            while (now < end && flight.Free > 0 && socket.Queued < MessageBlock.Capacity && TryQueue(work, flight, now))
            { }
            socket.Flush();
            if (flight.Count == 0)
            {
                break;
            }
            // Replies are taken many at a time, else the generator would cost as much as the server.
            var enough = Math.Min(flight.Count / 4, MessageBlock.Capacity);
            int count;
            for (var taken = 0; ; )
            {
                count = socket.Receive(wait: true);
                Take(work, flight, result, end, count);
                taken += count;
                if (count == 0 || taken >= enough)
                {
                    break;
                }
            }
            heard = count > 0 ? now : heard;
            Sweep(work, flight, result, ref swept);
            if (now - heard > Ticks(Silence))
            {
                throw new PeersException($"{server} answers nothing");
            }
        }
        result.Time = Stopwatch.GetElapsedTime(begin, Math.Min(end, Stopwatch.GetTimestamp()));
        return result;
    }

    private bool TryQueue(IUdpWork work, InFlight flight, long at)
    {
        var asked = work.Write(socket.Next(), connections, flight.NextTransaction);
        if (asked.Length == 0)
        {
            return false;
        }
        socket.Queue(asked.Length, asked.Source);
        flight.Add(asked.Subject, at);
        return true;
    }

    private void SendDue(IUdpWork work, InFlight flight, Pace pace, HashSet<long> late)
    {
        for (var sent = 0; sent < OpenBatch; sent++)
        {
            var now = Stopwatch.GetTimestamp();
            if (flight.Free == 0)
            {
                pace.HoldUp(now);
                return;
            }
            if (!pace.TryTake(now, out var from))
            {
                return;
            }
            TryQueue(work, flight, from);
            socket.Flush();
            if (Stopwatch.GetTimestamp() - now > Pace.Slack)
            {
                late.Add(from);
            }
        }
    }

    private void Take(IUdpWork work, InFlight flight, LoadResult result, long end, int count)
    {
        var now = Stopwatch.GetTimestamp();
        for (var i = 0; i < count; i++)
        {
            if (TryTake(work, flight, result, i, out _) && now < end)
            {
                result.Answered++;
            }
        }
    }

    /// <summary>False: it is no reply, or not the right one.</summary>
    private bool TryTake(IUdpWork work, InFlight flight, LoadResult result, int index, out long sentAt)
    {
        sentAt = 0;
        var reply = socket.Received(index);
        if (
            reply.Length < 8
            || !flight.TryTake(BinaryPrimitives.ReadUInt32BigEndian(reply[4..]), out var subject, out sentAt)
        )
        {
            result.Strays++;
            return false;
        }
        var isGood = work.IsGood(reply, subject);
        result.Bad += isGood ? 0 : 1;
        return isGood;
    }

    private static void Count(LoadResult result, long sentAt, TimeStamp? came, ArrivalClock clock)
    {
        result.Answered++;
        if (came is { } stamp)
        {
            result.Note(sentAt, clock.TicksOf(stamp));
        }
        else
        {
            result.Untimed++;
        }
    }

    private static void Sweep(IUdpWork work, InFlight flight, LoadResult result, ref long swept)
    {
        var now = Stopwatch.GetTimestamp();
        if (now - swept > Ticks(GiveUpAfter) / 4)
        {
            swept = now;
            result.Lost += flight.GiveUp(now - Ticks(GiveUpAfter), work.Lose);
        }
    }

    private static long Ticks(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);
}
