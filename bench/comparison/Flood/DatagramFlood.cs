using System.Diagnostics;
using System.Net;
using Anatomic.Comparison.Linux;
using Anatomic.Comparison.Load;
using Anatomic.Comparison.Udp;

namespace Anatomic.Comparison.Flood;

/// <summary>Sends hostile datagrams from one thread, and lets the good client take its turn after every few of them.</summary>
internal sealed class DatagramFlood(IPEndPoint server, Population population)
{
    // So few that the good client's times are its server's, not the flood's beside it.
    private const int Burst = 16;

    /// <param name="count">Datagrams in all.</param>
    /// <param name="pace">Most of them a second; 0: as fast as it can.</param>
    /// <param name="good">The client beside it; the flood knows its connection ids.</param>
    /// <returns>Replies that came back.</returns>
    public long Run(int count, double pace, GoodUdpClient good)
    {
        var hostile = new HostileDatagrams(population, good.Connections);
        using var socket = new UdpSocket(server);
        var begin = Stopwatch.GetTimestamp();
        var replies = 0L;
        for (var sent = 0; sent < count; )
        {
            good.Step(asks: true);
            if (pace > 0 && sent > pace * Stopwatch.GetElapsedTime(begin).TotalSeconds)
            {
                continue;
            }
            for (; socket.Queued < Math.Min(Burst, MessageBlock.Capacity) && sent < count; sent++)
            {
                var asked = hostile.Write(socket.Next());
                socket.Queue(asked.Length, asked.Source);
            }
            socket.Flush();
            replies += socket.Receive(wait: false);
        }
        return replies;
    }
}
