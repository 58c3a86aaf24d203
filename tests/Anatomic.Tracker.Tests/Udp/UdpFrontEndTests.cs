using Anatomic.Tracker.Statistics;
using Anatomic.Wire.Trackers;
using Anatomic.World;
using static Anatomic.Tracker.Tests.TestTracker;

namespace Anatomic.Tracker.Tests.Udp;

public class UdpFrontEndTests
{
    [Fact]
    public void A_UDP_reply_has_peers_of_the_address_family_of_the_request()
    {
        var tracker = new TestTracker();
        tracker.Announce(V4(1));
        tracker.Announce(V6(2), seed: true);
        foreach (var (from, known) in new[] { (V4(3), V4(1)), (V6(4), V6(2)) })
        {
            var packet = tracker.SendAnnounce(from, tracker.Connect(from), Request());
            UdpClientCodec.TryReadHeader(packet, out var action, out var transaction, out _).ShouldBeTrue();
            (action, transaction).ShouldBe((UdpAction.Announce, 2u));
            UdpClientCodec.TryReadAnnounce(packet, v6: !from.IsV4, out var reply, out _).ShouldBeTrue();
            reply!.Peers.ShouldBe([known]);
            reply.Complete.ShouldBe(1);
        }
    }

    [Fact]
    public void A_torrent_that_is_not_planted_gets_a_UDP_error()
    {
        var tracker = new TestTracker();
        var packet = tracker.SendAnnounce(V4(1), tracker.Connect(V4(1)), Request() with { Swarm = HashOf(9) });
        UdpClientCodec.TryReadHeader(packet, out var action, out _, out _).ShouldBeTrue();
        action.ShouldBe(UdpAction.Error);
        UdpClientCodec.ReadError(packet).ShouldStartWith("not planted here");
        packet.Length.ShouldBeLessThanOrEqualTo(UdpClientCodec.AnnounceBytes);
    }

    [Fact]
    public void A_connection_id_is_valid_for_its_address_and_a_few_minutes()
    {
        var tracker = new TestTracker();
        var connection = tracker.Connect(V4(1));
        tracker.SendAnnounce(V4(2), connection, Request()).ShouldBeEmpty();
        tracker.SendAnnounce(V4(1, 999), connection, Request()).ShouldNotBeEmpty();
        tracker.Clock.Advance(TimeSpan.FromMinutes(6));
        tracker.SendAnnounce(V4(1), connection, Request()).ShouldNotBeEmpty();
        tracker.Clock.Advance(TimeSpan.FromMinutes(2));
        tracker.SendAnnounce(V4(1), connection, Request()).ShouldBeEmpty();
        tracker.CountOf(TrackerProtocol.Udp, RequestOutcome.Dropped).ShouldBe(2);
    }

    [Fact]
    public void A_UDP_scrape_returns_many_torrents()
    {
        var tracker = new TestTracker();
        tracker.Announce(V4(1));
        tracker.Announce(V4(2), seed: true);
        var swarms = Enumerable.Range(0, 74).Select(HashOf).ToArray();
        var packet = new byte[1500];
        var length = UdpClientCodec.WriteScrape(packet, tracker.Connect(V4(5)), 3, swarms);
        UdpClientCodec
            .TryReadScrape(tracker.Send(packet.AsSpan(0, length), V4(5)), 74, out var counts, out _)
            .ShouldBeTrue();
        counts![1].ShouldBe(new ScrapeCounts(1, 0, 1));
        counts[2].ShouldBe(default);
    }

    [Fact]
    public void Noise_never_gets_a_reply_longer_than_itself()
    {
        var tracker = new TestTracker();
        var random = new Random(5);
        for (var i = 0; i < 20_000; i++)
        {
            var noise = new byte[random.Next(120)];
            random.NextBytes(noise);
            if (i % 2 == 0 && noise.Length > 12)
            {
                noise.AsSpan(8, 3).Clear();
                noise[11] = (byte)random.Next(4);
            }
            tracker.Send(noise, V4(i)).Length.ShouldBeLessThanOrEqualTo(noise.Length);
        }
    }

    [Fact]
    public void The_patterns_match_requests_and_nothing_else()
    {
        byte[] protocol = [0, 0, 4, 0x17, 0x27, 0x10, 0x19, 0x80];
        byte[][] connections = [protocol, [.. protocol.Reverse()], [0, 0, 4, 0x17, 1, 2, 3, 4], new byte[8]];
        foreach (var connection in connections)
        {
            foreach (var action in new byte[] { 0, 1, 2, 3, 4, 255 })
            {
                byte[] whole = [.. connection, 0, 0, 0, action, .. new byte[108]];
                for (var length = 0; length <= whole.Length; length++)
                {
                    DatagramPattern
                        .MatchesAny(TrackerService.DatagramPatterns, whole.AsSpan(0, length))
                        .ShouldBe(UdpServerCodec.TryReadRequest(whole.AsSpan(0, length), out _));
                }
            }
        }
    }
}
