using System.Buffers.Binary;
using Anatomic.Tracker.Policy;
using Anatomic.Tracker.Statistics;
using Anatomic.Wire;
using Anatomic.Wire.Trackers;
using static Anatomic.Tracker.Tests.TestTracker;

namespace Anatomic.Tracker.Tests.Requests;

public class ProtocolConformanceTests
{
    private const int PortAt = 96;
    private const int IpAt = 84;
    private const int EventAt = 80;
    private static readonly string Query = HttpClientCodec.Announce("/announce", Request());

    [Theory]
    [InlineData("0")]
    [InlineData("65536")]
    [InlineData("-1")]
    [InlineData("")]
    [InlineData("http")]
    public void An_invalid_port_is_rejected_over_HTTP(string port)
    {
        var tracker = new TestTracker();
        var (_, _, body) = tracker.Get($"GET {Query.Replace("port=6881", $"port={port}")} HTTP/1.1\r\n\r\n", V4(1));
        HttpClientCodec.TryReadAnnounce(body, out var reply, out _).ShouldBeTrue();
        reply!.FailureReason.ShouldBe("port is not a number from 1 to 65535");
        tracker.Service.ReadStatistics().Leechers.ShouldBe(0);
    }

    [Fact]
    public void Port_0_is_rejected_over_UDP_in_a_reply_shorter_than_the_request()
    {
        var tracker = new TestTracker();
        var reply = Send(tracker, V4(1), packet => BinaryPrimitives.WriteUInt16BigEndian(packet[PortAt..], 0));
        UdpClientCodec.ReadError(reply).ShouldStartWith("port is not a number");
        reply.Length.ShouldBeLessThan(UdpClientCodec.AnnounceBytes);
        tracker.Service.ReadStatistics().Leechers.ShouldBe(0);
    }

    [Fact]
    public void The_peer_has_the_sender_address_of_the_request()
    {
        var tracker = new TestTracker();
        tracker.Get($"GET {Query}&ip=9.9.9.9&ipv4=9.9.9.9&ipv6=2a00::9 HTTP/1.1\r\n\r\n", V4(1));
        Send(tracker, V4(2), packet => BinaryPrimitives.WriteUInt32BigEndian(packet[IpAt..], 0x09090909));
        tracker.Announce(V4(3)).Peers.ShouldBe([V4(1), V4(2)], ignoreOrder: true);
    }

    [Fact]
    public void An_unknown_event_is_ignored()
    {
        var tracker = new TestTracker();
        tracker.Get($"GET {Query}&event=rested HTTP/1.1\r\n\r\n", V4(1));
        Send(tracker, V4(2), packet => BinaryPrimitives.WriteUInt32BigEndian(packet[EventAt..], 99));
        tracker.ScrapeHttp().ShouldBe(new ScrapeCounts(0, 0, 2) { Downloaders = 2 });
    }

    [Fact]
    public void A_v2_torrent_is_identified_by_its_truncated_hash()
    {
        var tracker = new TestTracker(new TrackerOptions { Open = true });
        var v2 = new Hash32(1, 2, 3, 4);
        tracker.Announce(V4(1), swarm: v2.Truncated);
        tracker.Announce(V4(2), swarm: v2.Truncated).Peers.ShouldBe([V4(1)]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(97)]
    public void A_datagram_that_is_too_short_for_its_action_is_dropped(int length)
    {
        var tracker = new TestTracker();
        var packet = new byte[UdpClientCodec.AnnounceBytes];
        BinaryPrimitives.WriteUInt64BigEndian(packet, tracker.Connect(V4(1)));
        BinaryPrimitives.WriteInt32BigEndian(packet.AsSpan(8), (int)UdpAction.Announce);
        tracker.Send(packet.AsSpan(0, length), V4(1)).ShouldBeEmpty();
        tracker
            .Service.ReadStatistics()
            .Requests.Single(entry => entry is { Protocol: TrackerProtocol.Udp, Outcome: RequestOutcome.Dropped })
            .Count.ShouldBe(1);
    }

    private delegate void Change(Span<byte> packet);

    private static byte[] Send(TestTracker tracker, Endpoint from, Change change)
    {
        var packet = new byte[TrackerProtocolLimits.MaxUdpRequestBytes];
        var length = UdpClientCodec.WriteAnnounce(packet, tracker.Connect(from), 2, Request());
        change(packet);
        return tracker.Send(packet.AsSpan(0, length), from);
    }
}
