using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using Anatomic.Comparison.Load;
using Anatomic.Comparison.Udp;
using Anatomic.Wire.Trackers;

namespace Anatomic.Comparison.Flood;

/// <summary>Announces over UDP. It never repeats a request, so every loss is counted.</summary>
internal sealed class UdpProbeClient : IProbeClient
{
    /// <summary>A client may use a connection id for one minute (BEP 15).</summary>
    private static readonly TimeSpan RenewAfter = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(2);

    private readonly UdpSocket socket;
    private readonly UdpAnnounceWorkload workload;
    private readonly PendingRequests pending = new(1 << 14);
    private readonly double ticksEach;
    private long due;
    private long lastSweep;
    private long nextRenewal;
    private int nextSource;

    public UdpProbeClient(IPEndPoint server, Population population, double requestsPerSecond)
    {
        var connects = new UdpConnectWorkload(population.Sources, rounds: 1);
        using (var load = new UdpLoad(server, population.Sources))
        {
            load.RunToCompletion(connects, outstanding: 16);
        }
        Connections = connects.Connections;
        nextRenewal = Stopwatch.GetTimestamp();
        socket = new UdpSocket(server);
        workload = new UdpAnnounceWorkload(population, seed: 77, verify: true);
        ticksEach = Stopwatch.Frequency / requestsPerSecond;
        Begin();
    }

    public LoadResult Result { get; private set; } = new();

    /// <summary>The connection id of each source; they are renewed in turn.</summary>
    public ulong[] Connections { get; }

    public void Begin()
    {
        Result = new LoadResult();
        pending.Expire(long.MaxValue, _ => { });
        due = lastSweep = Stopwatch.GetTimestamp();
    }

    public void Step(bool sends)
    {
        var now = Stopwatch.GetTimestamp();
        if (sends && now >= due && pending.Free > 0)
        {
            var request = workload.Write(socket.NextBuffer(), Connections, pending.NextTransaction);
            socket.Queue(request.Length, request.Source);
            pending.Add(request.Tag, due);
            socket.Flush();
            due += (long)ticksEach;
        }
        if (now >= nextRenewal && pending.Free > 0)
        {
            Renew(now);
        }
        var count = socket.Receive(wait: false);
        now = Stopwatch.GetTimestamp();
        for (var i = 0; i < count; i++)
        {
            AcceptReply(socket.Received(i), now);
        }
        if (Stopwatch.GetElapsedTime(lastSweep) > RequestTimeout / 4)
        {
            lastSweep = now;
            pending.Expire(
                now - (long)(RequestTimeout.TotalSeconds * Stopwatch.Frequency),
                tag => Result.Lost += tag < 0 ? 0 : 1
            );
        }
    }

    public void Dispose() => socket.Dispose();

    /// <summary>Requests a new connection id for one source; the tag of such a request is negative.</summary>
    private void Renew(long now)
    {
        var length = UdpClientCodec.WriteConnect(socket.NextBuffer(), pending.NextTransaction);
        socket.Queue(length, nextSource);
        pending.Add(~nextSource, now);
        socket.Flush();
        nextSource = (nextSource + 1) % Connections.Length;
        nextRenewal = now + (long)(RenewAfter.TotalSeconds * Stopwatch.Frequency / Connections.Length);
    }

    private void AcceptReply(ReadOnlySpan<byte> reply, long now)
    {
        if (
            reply.Length < 8
            || !pending.TryComplete(BinaryPrimitives.ReadUInt32BigEndian(reply[4..]), out var tag, out var sentAt)
        )
        {
            Result.Unexpected++;
            return;
        }
        if (tag < 0)
        {
            if (reply.Length == UdpServerCodec.ConnectBytes)
            {
                Connections[~tag] = BinaryPrimitives.ReadUInt64BigEndian(reply[8..]);
            }
            return;
        }
        var isValid = workload.IsValid(reply, tag);
        Result.Answered += isValid ? 1 : 0;
        Result.Invalid += isValid ? 0 : 1;
        Result.Latencies.Add(now - sentAt);
    }
}
