using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using Anatomic.Comparison.CommandLine;
using Anatomic.Comparison.Linux;
using Anatomic.Comparison.Load;

namespace Anatomic.Comparison.Udp;

/// <summary>A load on one UDP server from one thread, which spends less time per request than any server.</summary>
internal sealed class UdpLoad : IDisposable
{
    /// <summary>Datagrams that an open loop sends before it receives, and receives before it sends.</summary>
    private const int OpenBatch = 16;

    private static readonly TimeSpan RequestTimeout = TimeSpan.FromMilliseconds(500);

    /// <summary>A server that answers nothing for this long is considered dead.</summary>
    private static readonly TimeSpan MaxSilence = TimeSpan.FromSeconds(20);

    private readonly UdpSocket socket;
    private readonly string server;
    private ulong[] connections;

    /// <summary>Connects once from each source to obtain its connection id.</summary>
    public UdpLoad(IPEndPoint server, int sources)
    {
        this.server = $"udp://{server}";
        socket = new UdpSocket(server);
        connections = new ulong[sources];
        var connects = new UdpConnectWorkload(sources, rounds: 1);
        RunToCompletion(connects, outstanding: 16);
        connections = connects.Connections;
    }

    /// <summary>Keeps a fixed number of requests outstanding for this time.</summary>
    public LoadResult RunClosedLoop(IUdpWorkload workload, int outstanding, TimeSpan time)
    {
        var begin = Stopwatch.GetTimestamp();
        return Run(workload, new PendingRequests(outstanding), begin + Ticks(time));
    }

    /// <summary>Runs until the workload has no request left and each one is answered.</summary>
    public LoadResult RunToCompletion(IUdpWorkload workload, int outstanding) =>
        Run(workload, new PendingRequests(outstanding), long.MaxValue);

    /// <summary>
    /// Sends requests at a fixed rate (see <see cref="RequestPacer"/>) and measures the time until the kernel receives
    /// each reply.
    /// </summary>
    /// <remarks>
    /// Each request is sent by its own system call, so none is charged for the sending of another. A request is not
    /// timed if sending it took so long that the generator's core must have paused.
    /// </remarks>
    public LoadResult RunOpenLoop(IUdpWorkload workload, double requestsPerSecond, TimeSpan time)
    {
        socket.EnableTimestamps();
        using var clock = new ReceiveTimestampClock();
        var pending = new PendingRequests(1 << 14);
        var result = new LoadResult { Time = time };
        var sentLate = new HashSet<long>();
        var begin = Stopwatch.GetTimestamp();
        var pacer = new RequestPacer(requestsPerSecond, begin);
        var end = begin + Ticks(time);
        var lastSweep = begin;
        while (true)
        {
            var now = Stopwatch.GetTimestamp();
            if (now >= end && (pending.Count == 0 || now >= end + Ticks(RequestTimeout)))
            {
                break;
            }
            if (now < end)
            {
                SendDue(workload, pending, pacer, sentLate);
            }
            // Small batches, so that receiving never delays sending.
            var count = socket.Receive(wait: false, OpenBatch);
            for (var i = 0; i < count; i++)
            {
                if (TryAccept(workload, pending, result, i, out var sentAt))
                {
                    CountReply(result, sentAt, sentLate.Contains(sentAt) ? null : socket.TimestampOf(i), clock);
                }
            }
            Sweep(workload, pending, result, ref lastSweep);
        }
        result.Lost += pending.Expire(long.MaxValue, workload.OnLost);
        return result;
    }

    public void Dispose() => socket.Dispose();

    private LoadResult Run(IUdpWorkload workload, PendingRequests pending, long end)
    {
        var result = new LoadResult();
        var begin = Stopwatch.GetTimestamp();
        var (lastSweep, lastReplyAt) = (begin, begin);
        while (true)
        {
            var now = Stopwatch.GetTimestamp();
            while (
                now < end
                && pending.Free > 0
                && socket.Queued < MessageBuffers.Capacity
                && TryQueue(workload, pending, now)
            ) { }
            socket.Flush();
            if (pending.Count == 0)
            {
                break;
            }
            // Receiving many replies per call keeps the generator cheaper than the server.
            var enough = Math.Min(pending.Count / 4, MessageBuffers.Capacity);
            int count;
            for (var received = 0; ; )
            {
                count = socket.Receive(wait: true);
                AcceptReplies(workload, pending, result, end, count);
                received += count;
                if (count == 0 || received >= enough)
                {
                    break;
                }
            }
            lastReplyAt = count > 0 ? now : lastReplyAt;
            Sweep(workload, pending, result, ref lastSweep);
            if (now - lastReplyAt > Ticks(MaxSilence))
            {
                throw new ComparisonException($"{server} does not answer");
            }
        }
        result.Time = Stopwatch.GetElapsedTime(begin, Math.Min(end, Stopwatch.GetTimestamp()));
        return result;
    }

    private bool TryQueue(IUdpWorkload workload, PendingRequests pending, long at)
    {
        var request = workload.Write(socket.NextBuffer(), connections, pending.NextTransaction);
        if (request.Length == 0)
        {
            return false;
        }
        socket.Queue(request.Length, request.Source);
        pending.Add(request.Tag, at);
        return true;
    }

    private void SendDue(IUdpWorkload workload, PendingRequests pending, RequestPacer pacer, HashSet<long> late)
    {
        for (var sent = 0; sent < OpenBatch; sent++)
        {
            var now = Stopwatch.GetTimestamp();
            if (pending.Free == 0)
            {
                pacer.NoteBacklog(now);
                return;
            }
            if (!pacer.TryRelease(now, out var startedAt))
            {
                return;
            }
            TryQueue(workload, pending, startedAt);
            socket.Flush();
            if (Stopwatch.GetTimestamp() - now > RequestPacer.MaxLateness)
            {
                late.Add(startedAt);
            }
        }
    }

    private void AcceptReplies(IUdpWorkload workload, PendingRequests pending, LoadResult result, long end, int count)
    {
        var now = Stopwatch.GetTimestamp();
        for (var i = 0; i < count; i++)
        {
            if (TryAccept(workload, pending, result, i, out _) && now < end)
            {
                result.Answered++;
            }
        }
    }

    /// <summary>False if the datagram is not a reply, or a wrong one.</summary>
    private bool TryAccept(
        IUdpWorkload workload,
        PendingRequests pending,
        LoadResult result,
        int index,
        out long sentAt
    )
    {
        sentAt = 0;
        var reply = socket.Received(index);
        if (
            reply.Length < 8
            || !pending.TryComplete(BinaryPrimitives.ReadUInt32BigEndian(reply[4..]), out var tag, out sentAt)
        )
        {
            result.Unexpected++;
            return false;
        }
        var isValid = workload.IsValid(reply, tag);
        result.Invalid += isValid ? 0 : 1;
        return isValid;
    }

    private static void CountReply(LoadResult result, long sentAt, TimeSpec? receivedAt, ReceiveTimestampClock clock)
    {
        result.Answered++;
        if (receivedAt is { } timestamp)
        {
            result.AddLatency(sentAt, clock.TicksOf(timestamp));
        }
        else
        {
            result.Untimed++;
        }
    }

    private static void Sweep(IUdpWorkload workload, PendingRequests pending, LoadResult result, ref long lastSweep)
    {
        var now = Stopwatch.GetTimestamp();
        if (now - lastSweep > Ticks(RequestTimeout) / 4)
        {
            lastSweep = now;
            result.Lost += pending.Expire(now - Ticks(RequestTimeout), workload.OnLost);
        }
    }

    private static long Ticks(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);
}
