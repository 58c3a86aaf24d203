using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using Anatomic.Peers.Linux;
using Anatomic.Peers.Load;

namespace Anatomic.Peers.Udp;

/// <summary>A load on one UDP server from one thread, which takes less time for a request than any server.</summary>
internal sealed class UdpLoad : IDisposable
{
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
    /// Sends so many requests a second whatever comes back. A reply's time counts from when its request was due, so that a
    /// server that stalls is charged for all that had to wait.
    /// </summary>
    public LoadResult Open(IUdpWork work, double perSecond, TimeSpan time)
    {
        var flight = new InFlight(1 << 14);
        var result = new LoadResult { Time = time };
        var begin = Stopwatch.GetTimestamp();
        var end = begin + Ticks(time);
        var ticksEach = Stopwatch.Frequency / perSecond;
        var swept = begin;
        for (var sent = 0L; ; )
        {
            var now = Stopwatch.GetTimestamp();
            if (now >= end && (flight.Count == 0 || now >= end + Ticks(GiveUpAfter)))
            {
                break;
            }
            for (
                long due;
                flight.Free > 0
                    && socket.Queued < MessageBlock.Capacity
                    && (due = begin + (long)(sent * ticksEach)) < Math.Min(now, end);
                sent++
            )
            {
                TryQueue(work, flight, due);
            }
            socket.Flush();
            Take(work, flight, result, long.MaxValue, socket.Receive(wait: false));
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

    private void Take(IUdpWork work, InFlight flight, LoadResult result, long end, int count)
    {
        var now = Stopwatch.GetTimestamp();
        for (var i = 0; i < count; i++)
        {
            var reply = socket.Received(i);
            if (
                reply.Length < 8
                || !flight.TryTake(BinaryPrimitives.ReadUInt32BigEndian(reply[4..]), out var subject, out var sentAt)
            )
            {
                result.Strays++;
            }
            else if (!work.IsGood(reply, subject))
            {
                result.Bad++;
            }
            else if (now < end)
            {
                result.Answered++;
                result.Latencies.Add(now - sentAt);
            }
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
