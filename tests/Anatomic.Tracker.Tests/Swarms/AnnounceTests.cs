using Anatomic.Tracker.Policy;
using Anatomic.Wire;
using Anatomic.Wire.Trackers;
using static Anatomic.Tracker.Tests.TestTracker;

namespace Anatomic.Tracker.Tests.Swarms;

public class AnnounceTests
{
    [Fact]
    public void A_reply_contains_the_other_peers_but_not_the_client()
    {
        var tracker = new TestTracker();
        tracker.Announce(V4(1)).Peers.ShouldBeEmpty();
        tracker.Announce(V4(1)).Peers.ShouldBeEmpty();
        tracker.Announce(V4(2)).Peers.ShouldBe([V4(1)]);
        var reply = tracker.Announce(V4(1));
        reply.Peers.ShouldBe([V4(2)]);
        (reply.Complete, reply.Incomplete).ShouldBe((0, 2));
        reply.ExternalAddress.ShouldBe(V4(1).WithPort(0));
        reply.Interval!.Value.TotalSeconds.ShouldBeInRange(1800, 2025);
        reply.MinInterval.ShouldBe(TimeSpan.FromMinutes(5));
    }

    [Fact]
    public void An_HTTP_reply_contains_both_address_families()
    {
        var tracker = new TestTracker();
        tracker.Announce(V4(1));
        tracker.Announce(V6(2)).Peers.ShouldBe([V4(1)]);
        tracker.Announce(V4(3)).Peers.ShouldBe([V4(1), V6(2)], ignoreOrder: true);
    }

    [Fact]
    public void Two_ports_of_one_address_are_two_peers()
    {
        var tracker = new TestTracker();
        tracker.Announce(V4(1, 6881));
        tracker.Announce(V4(1, 6882)).Peers.ShouldBe([V4(1, 6881)]);
    }

    [Fact]
    public void Seeds_and_partial_seeds_get_no_seeds()
    {
        var tracker = new TestTracker();
        tracker.Announce(V4(1), seed: true);
        tracker.Announce(V4(2), seed: true).Peers.ShouldBeEmpty();
        tracker.Announce(V4(3)).Peers.Count.ShouldBe(2);
        tracker.Announce(V4(1), seed: true).Peers.ShouldBe([V4(3)]);
        tracker.Announce(V4(4), reason: AnnounceEvent.Paused).Peers.ShouldBe([V4(3)]);
    }

    [Fact]
    public void A_partial_seed_is_in_replies_and_not_counted_as_a_downloader()
    {
        var tracker = new TestTracker();
        tracker.Announce(V4(1), reason: AnnounceEvent.Paused);
        tracker.ScrapeHttp().ShouldBe(new ScrapeCounts(0, 0, 1) { Downloaders = 0 });
        tracker.Announce(V6(2));
        tracker.Announce(V4(3), seed: true, reason: AnnounceEvent.Paused);
        tracker.Announce(V4(4)).Peers.ShouldBe([V4(1), V6(2), V4(3)], ignoreOrder: true);
        tracker.ScrapeHttp().ShouldBe(new ScrapeCounts(1, 0, 3) { Downloaders = 2 });
        tracker.Announce(V6(2), reason: AnnounceEvent.Paused);
        tracker.ScrapeHttp().Downloaders.ShouldBe(1);
        tracker.Announce(V4(1));
        tracker.ScrapeHttp().Downloaders.ShouldBe(2);
        tracker.Announce(V6(2), seed: true);
        tracker.Announce(V4(1), reason: AnnounceEvent.Paused);
        tracker.ScrapeHttp().ShouldBe(new ScrapeCounts(2, 0, 2) { Downloaders = 1 });
        tracker.Announce(V4(1), reason: AnnounceEvent.Stopped);
        tracker.ScrapeHttp().ShouldBe(new ScrapeCounts(2, 0, 1) { Downloaders = 1 });
    }

    [Fact]
    public void A_started_announce_gets_seeds_even_with_nothing_left()
    {
        var tracker = new TestTracker();
        tracker.Announce(V4(1), seed: true);
        tracker.Announce(V4(2), seed: true, AnnounceEvent.Started).Peers.ShouldBe([V4(1)]);
        tracker.Announce(V4(2), seed: true).Peers.ShouldBeEmpty();
    }

    [Fact]
    public void A_stopped_peer_is_removed()
    {
        var tracker = new TestTracker();
        tracker.Announce(V4(1));
        tracker.Announce(V4(1), reason: AnnounceEvent.Stopped).Peers.ShouldBeEmpty();
        tracker.Announce(V4(2)).Peers.ShouldBeEmpty();
        tracker.Service.ReadStatistics().Leechers.ShouldBe(1);
    }

    [Fact]
    public void Completed_downloads_are_counted_once()
    {
        var tracker = new TestTracker();
        tracker.Announce(V4(1));
        tracker.Announce(V4(1), seed: true, AnnounceEvent.Completed);
        tracker.Announce(V4(1), seed: true, AnnounceEvent.Completed);
        tracker.Scrape().ShouldBe(new ScrapeCounts(1, 1, 0));
    }

    [Theory]
    [InlineData(-1, 50)]
    [InlineData(0, 0)]
    [InlineData(7, 7)]
    [InlineData(int.MaxValue, 200)]
    public void A_reply_has_as_many_peers_as_requested_up_to_the_limit(int wanted, int expected)
    {
        var tracker = new TestTracker();
        for (var i = 1; i <= 300; i++)
        {
            tracker.Announce(V4(i), seed: i % 2 == 0, wanted: 0);
        }
        var reply = tracker.Announce(V4(1000), wanted: wanted);
        reply.Peers.Distinct().Count().ShouldBe(expected);
        reply.Peers.Count.ShouldBe(expected);
    }

    [Fact]
    public void The_few_leechers_of_a_swarm_of_seeds_are_found()
    {
        var tracker = new TestTracker();
        for (var i = 1; i <= 500; i++)
        {
            tracker.Announce(V4(i), seed: i > 3, wanted: 0);
        }
        tracker.Announce(V4(400), seed: true).Peers.ShouldBe([V4(1), V4(2), V4(3)], ignoreOrder: true);
    }

    [Fact]
    public void A_torrent_that_is_not_planted_is_rejected_with_a_reason()
    {
        var tracker = new TestTracker();
        var reply = tracker.Announce(V4(1), swarm: HashOf(2));
        reply.FailureReason!.ShouldStartWith("not planted here: ");
        reply.RetryIn.ShouldBe(TimeSpan.FromMinutes(15));
        tracker.Service.Admit(HashOf(2));
        tracker.Announce(V4(1), swarm: HashOf(2)).FailureReason.ShouldBeNull();
        tracker.Service.Withdraw(HashOf(2));
        tracker.Announce(V4(1), swarm: HashOf(2)).FailureReason.ShouldNotBeNull();
        tracker
            .Service.ReadStatistics()
            .ShouldSatisfyAllConditions(
                statistics => statistics.Swarms.ShouldBe(1),
                statistics => statistics.Planted.ShouldBe(1),
                statistics => statistics.Leechers.ShouldBe(0)
            );
    }

    [Fact]
    public void An_open_tracker_accepts_any_torrent_up_to_its_limit()
    {
        var tracker = new TestTracker(
            new TrackerOptions
            {
                Open = true,
                MaxSwarms = 3,
                MaxPeers = 3,
            }
        );
        tracker.Announce(V4(1), swarm: HashOf(2)).FailureReason.ShouldBeNull();
        tracker.Announce(V4(1), swarm: HashOf(3)).FailureReason.ShouldBeNull();
        tracker.Announce(V4(1), swarm: HashOf(4)).FailureReason!.ShouldContain("full");
        tracker.Announce(V4(2), swarm: HashOf(2)).FailureReason.ShouldBeNull();
        tracker.Announce(V4(3), swarm: HashOf(2)).FailureReason!.ShouldContain("full");
        tracker.Announce(V4(1), reason: AnnounceEvent.Stopped, swarm: HashOf(3));
        tracker.Announce(V4(1), swarm: HashOf(4)).FailureReason.ShouldBeNull();
    }

    [Fact]
    public void At_the_memory_limit_new_peers_are_rejected_and_known_ones_are_served()
    {
        const long Limit = 2 << 20;
        var tracker = new TestTracker(new TrackerOptions { Open = true, MaxMemoryBytes = Limit });
        var rejected = 0;
        for (var i = 0; i < 60_000; i++)
        {
            var swarm = i % 3 == 0 ? HashOf(i) : Swarm;
            rejected += tracker.Announce(V4(i), wanted: 0, swarm: swarm).FailureReason is null ? 0 : 1;
            rejected += tracker.Announce(V6(i), wanted: 0).FailureReason is null ? 0 : 1;
        }
        rejected.ShouldBeGreaterThan(1000);
        tracker.Service.ReadStatistics().MemoryBytes.ShouldBeInRange(Limit * 3 / 4, Limit);
        tracker.Announce(V4(90_000)).FailureReason!.ShouldContain("full");
        tracker
            .Announce(V4(1))
            .ShouldSatisfyAllConditions(
                reply => reply.FailureReason.ShouldBeNull(),
                reply => reply.Peers.Count.ShouldBe(50)
            );
        tracker.Clock.Advance(TimeSpan.FromDays(1));
        tracker.Scrape().ShouldBe(default);
        tracker.Announce(V4(90_000)).FailureReason.ShouldBeNull();
    }

    [Fact]
    public void A_peer_with_a_private_address_gets_a_reply_but_is_not_stored()
    {
        var home = Endpoint.FromV4(0xC0A80001, 6881);
        var tracker = new TestTracker();
        tracker.Announce(V4(1));
        tracker.Announce(home).Peers.ShouldBe([V4(1)]);
        tracker.Announce(V4(2)).Peers.ShouldBe([V4(1)]);
        var local = new TestTracker(new TrackerOptions { AllowPrivate = true });
        local.Announce(home);
        local.Announce(V4(2)).Peers.ShouldBe([home]);
    }

    [Fact]
    public void A_silent_peer_expires_after_the_timeout()
    {
        var tracker = new TestTracker();
        tracker.Announce(V4(1));
        tracker.Announce(V4(2));
        tracker.Clock.Advance(TimeSpan.FromMinutes(30));
        tracker.Announce(V4(2));
        tracker.Clock.Advance(TimeSpan.FromMinutes(16));
        tracker.Announce(V4(3)).Peers.ShouldBe([V4(2)]);
        tracker.Clock.Advance(TimeSpan.FromDays(3));
        tracker.Scrape().ShouldBe(default);
        tracker.Service.ReadStatistics().Leechers.ShouldBe(0);
    }

    [Fact]
    public async Task The_sweep_removes_silent_peers_of_idle_swarms()
    {
        var tracker = new TestTracker(new TrackerOptions { Open = true });
        for (var i = 0; i < 5000; i++)
        {
            tracker.Announce(V4(i), swarm: HashOf(1 + (i % 500)));
            tracker.Announce(V6(i), seed: true, swarm: HashOf(3));
        }
        tracker.Service.ReadStatistics().Swarms.ShouldBe(500);
        using var stop = new CancellationTokenSource();
        // Without a context, so that the sweep runs inline while the clock advances.
        SynchronizationContext.SetSynchronizationContext(null);
        var running = tracker.Service.RunAsync(stop.Token);
        tracker.Clock.Advance(TimeSpan.FromMinutes(40));
        (tracker.Service.ReadStatistics().Leechers, tracker.Service.ReadStatistics().Seeds).ShouldBe((5000, 5000));
        tracker.Clock.Advance(TimeSpan.FromMinutes(7));
        var statistics = tracker.Service.ReadStatistics();
        (statistics.Leechers, statistics.Seeds, statistics.Swarms).ShouldBe((0, 0, 1));
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public void All_faults_of_invalid_options_are_reported_together()
    {
        var bad = new TrackerOptions { Interval = TimeSpan.FromHours(1), RenewAfter = TimeSpan.Zero };
        var thrown = Should.Throw<ArgumentException>(() => new TestTracker(bad));
        thrown.Message.ShouldContain("peer timeout");
        thrown.Message.ShouldContain("renewed");
    }
}
