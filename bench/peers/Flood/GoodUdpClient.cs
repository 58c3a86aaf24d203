using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using Anatomic.Peers.Load;
using Anatomic.Peers.Udp;

namespace Anatomic.Peers.Flood;

/// <summary>A client that announces over UDP, and asks once only: what is lost is counted.</summary>
internal sealed class GoodUdpClient : IGoodClient
{
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(2);

    private readonly UdpSocket socket;
    private readonly UdpAnnounces work;
    private readonly InFlight flight = new(1 << 14);
    private readonly ulong[] connections;
    private readonly double ticksEach;
    private long due;
    private long swept;

    public GoodUdpClient(IPEndPoint server, Population population, double perSecond)
    {
        var connects = new UdpConnects(population.Sources, rounds: 1);
        using (var load = new UdpLoad(server, population.Sources))
        {
            load.Finish(connects, outstanding: 16);
        }
        connections = connects.Connections;
        socket = new UdpSocket(server);
        work = new UdpAnnounces(population, seed: 77, verify: true);
        ticksEach = Stopwatch.Frequency / perSecond;
        Begin();
    }

    public LoadResult Result { get; private set; } = new();

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
            var asked = work.Write(socket.Next(), connections, flight.NextTransaction);
            socket.Queue(asked.Length, asked.Source);
            flight.Add(asked.Subject, due);
            socket.Flush();
            due += (long)ticksEach;
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
            Result.Lost += flight.GiveUp(now - (long)(GiveUpAfter.TotalSeconds * Stopwatch.Frequency), _ => { });
        }
    }

    public void Dispose() => socket.Dispose();

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
        var good = work.IsGood(reply, subject);
        Result.Answered += good ? 1 : 0;
        Result.Bad += good ? 0 : 1;
        Result.Latencies.Add(now - sentAt);
    }
}
