using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using Anatomic.Comparison.Load;
using Anatomic.Comparison.Udp;
using Anatomic.Wire.Trackers;

namespace Anatomic.Comparison.Flood;

/// <summary>A client that announces over UDP, and asks once only: what is lost is counted.</summary>
internal sealed class GoodUdpClient : IGoodClient
{
    /// <summary>How old BEP 15 lets a client's connection id become.</summary>
    private static readonly TimeSpan RenewAfter = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(2);

    private readonly UdpSocket socket;
    private readonly UdpAnnounces work;
    private readonly InFlight flight = new(1 << 14);
    private readonly double ticksEach;
    private long due;
    private long swept;
    private long renewDue;
    private int renewNext;

    public GoodUdpClient(IPEndPoint server, Population population, double perSecond)
    {
        var connects = new UdpConnects(population.Sources, rounds: 1);
        using (var load = new UdpLoad(server, population.Sources))
        {
            load.Finish(connects, outstanding: 16);
        }
        Connections = connects.Connections;
        renewDue = Stopwatch.GetTimestamp();
        socket = new UdpSocket(server);
        work = new UdpAnnounces(population, seed: 77, verify: true);
        ticksEach = Stopwatch.Frequency / perSecond;
        Begin();
    }

    public LoadResult Result { get; private set; } = new();

    /// <summary>The id of each source; one after the other is renewed.</summary>
    public ulong[] Connections { get; }

    public void Begin()
    {
        Result = new LoadResult();
        flight.GiveUp(long.MaxValue, _ => { });
        due = swept = Stopwatch.GetTimestamp();
    }

    public void Step(bool asks)
    {
        var now = Stopwatch.GetTimestamp();
        if (asks && now >= due && flight.Free > 0)
        {
            var asked = work.Write(socket.Next(), Connections, flight.NextTransaction);
            socket.Queue(asked.Length, asked.Source);
            flight.Add(asked.Subject, due);
            socket.Flush();
            due += (long)ticksEach;
        }
        if (now >= renewDue && flight.Free > 0)
        {
            Renew(now);
        }
        var count = socket.Receive(wait: false);
        now = Stopwatch.GetTimestamp();
        for (var i = 0; i < count; i++)
        {
            Take(socket.Received(i), now);
        }
        if (Stopwatch.GetElapsedTime(swept) > GiveUpAfter / 4)
        {
            swept = now;
            flight.GiveUp(
                now - (long)(GiveUpAfter.TotalSeconds * Stopwatch.Frequency),
                subject => Result.Lost += subject < 0 ? 0 : 1
            );
        }
    }

    public void Dispose() => socket.Dispose();

    /// <summary>Asks for a new id of one source; what it is asked about is a number below 0.</summary>
    private void Renew(long now)
    {
        var length = UdpClientCodec.WriteConnect(socket.Next(), flight.NextTransaction);
        socket.Queue(length, renewNext);
        flight.Add(~renewNext, now);
        socket.Flush();
        renewNext = (renewNext + 1) % Connections.Length;
        renewDue = now + (long)(RenewAfter.TotalSeconds * Stopwatch.Frequency / Connections.Length);
    }

    private void Take(ReadOnlySpan<byte> reply, long now)
    {
        if (
            reply.Length < 8
            || !flight.TryTake(BinaryPrimitives.ReadUInt32BigEndian(reply[4..]), out var subject, out var sentAt)
        )
        {
            Result.Strays++;
            return;
        }
        if (subject < 0)
        {
            if (reply.Length == UdpServerCodec.ConnectBytes)
            {
                Connections[~subject] = BinaryPrimitives.ReadUInt64BigEndian(reply[8..]);
            }
            return;
        }
        var good = work.IsGood(reply, subject);
        Result.Answered += good ? 1 : 0;
        Result.Bad += good ? 0 : 1;
        Result.Latencies.Add(now - sentAt);
    }
}
