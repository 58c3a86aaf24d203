using System.Diagnostics;
using System.Net;
using Anatomic.Comparison.Linux;
using Anatomic.Comparison.Load;
using Anatomic.Comparison.Udp;

namespace Anatomic.Comparison.Flood;

/// <summary>Sends hostile datagrams from one thread and steps the probe client after every few of them.</summary>
internal sealed class DatagramFlood(IPEndPoint server, Population population)
{
    // Small enough that the latencies of the probe are those of the server, not of the flood.
    private const int Burst = 16;

    /// <param name="count">Datagrams in total.</param>
    /// <param name="pace">Maximum per second; 0 means as fast as possible.</param>
    /// <param name="probe">The probe client, whose connection ids the flood uses.</param>
    /// <returns>Replies received.</returns>
    public long Run(int count, double pace, UdpProbeClient probe)
    {
        var hostile = new HostileDatagrams(population, probe.Connections);
        using var socket = new UdpSocket(server);
        var begin = Stopwatch.GetTimestamp();
        var replies = 0L;
        for (var sent = 0; sent < count; )
        {
            probe.Step(sends: true);
            if (pace > 0 && sent > pace * Stopwatch.GetElapsedTime(begin).TotalSeconds)
            {
                continue;
            }
            for (; socket.Queued < Math.Min(Burst, MessageBuffers.Capacity) && sent < count; sent++)
            {
                var request = hostile.Write(socket.NextBuffer());
                socket.Queue(request.Length, request.Source);
            }
            socket.Flush();
            replies += socket.Receive(wait: false);
        }
        return replies;
    }
}
