using Anatomic.Tracker.Policy;
using Anatomic.Tracker.Statistics;
using Anatomic.Wire;
using Anatomic.Wire.Trackers;
using static Anatomic.Tracker.Tests.TestTracker;

namespace Anatomic.Tracker.Tests.Policy;

public class TrackerRulesTests
{
    [Fact]
    public void A_denied_torrent_is_rejected_and_loses_its_peers_even_if_it_is_planted()
    {
        var tracker = new TestTracker();
        tracker.Announce(V4(1));
        tracker.Announce(V6(2), seed: true);
        tracker.Service.Rules = new TrackerRules([Swarm], null);
        tracker
            .Service.ReadStatistics()
            .ShouldSatisfyAllConditions(statistics =>
                (statistics.Seeds, statistics.Leechers, statistics.Planted).ShouldBe((0, 0, 1))
            );
        tracker.Announce(V4(1)).FailureReason.ShouldBe("the operator of this tracker does not serve this torrent");
        tracker.Service.AddShared(Swarm, new Hash32(1, 0, 0, 0), [new(V4(7), false)], [], default);
        tracker.Service.Rules = TrackerRules.None;
        tracker.Announce(V4(3)).Peers.ShouldBeEmpty();
        tracker.CountOf(TrackerProtocol.Http, RequestOutcome.Denied).ShouldBe(1);
    }

    [Fact]
    public void The_lists_apply_to_an_open_tracker()
    {
        var tracker = new TestTracker(new TrackerOptions { Open = true });
        tracker.Announce(V4(1), swarm: HashOf(2)).FailureReason.ShouldBeNull();
        tracker.Announce(V4(1), swarm: HashOf(3)).FailureReason.ShouldBeNull();
        tracker.Service.Rules = new TrackerRules([HashOf(4), HashOf(5)], [HashOf(2), HashOf(5)]);
        tracker.Service.ReadStatistics().Swarms.ShouldBe(2);
        tracker.Announce(V4(2), swarm: HashOf(2)).Peers.ShouldBe([V4(1)]);
        foreach (var rejected in new[] { 3, 4, 5 })
        {
            tracker.Announce(V4(2), swarm: HashOf(rejected)).FailureReason.ShouldNotBeNull();
        }
    }

    [Fact]
    public void Scrapes_omit_a_denied_torrent()
    {
        var tracker = new TestTracker(new TrackerOptions { Open = true });
        tracker.Announce(V4(1));
        tracker.Announce(V4(1), swarm: HashOf(2));
        tracker.Service.Rules = new TrackerRules([Swarm], null);
        HttpClientCodec.TryScrape("/announce", [Swarm, HashOf(2)], out var url).ShouldBeTrue();
        HttpClientCodec
            .TryReadScrape(tracker.Get($"GET {url} HTTP/1.1\r\n\r\n", V4(9)).Body, out var reply, out _)
            .ShouldBeTrue();
        reply!.Files.Single().Swarm.ShouldBe(HashOf(2));
        var packet = new byte[100];
        var length = UdpClientCodec.WriteScrape(packet, tracker.Connect(V4(9)), 1, [Swarm, HashOf(2)]);
        UdpClientCodec
            .TryReadScrape(tracker.Send(packet.AsSpan(0, length), V4(9)), 2, out var counts, out _)
            .ShouldBeTrue();
        counts.ShouldBe([default, new ScrapeCounts(0, 0, 1)]);
    }

    [Fact]
    public void A_UDP_rejection_is_not_longer_than_the_request()
    {
        var tracker = new TestTracker();
        tracker.Service.Rules = new TrackerRules([Swarm], null);
        var packet = tracker.SendAnnounce(V4(1), tracker.Connect(V4(1)), Request());
        UdpClientCodec.ReadError(packet).ShouldStartWith("the operator of this tracker");
        packet.Length.ShouldBeLessThanOrEqualTo(UdpClientCodec.AnnounceBytes);
    }
}
