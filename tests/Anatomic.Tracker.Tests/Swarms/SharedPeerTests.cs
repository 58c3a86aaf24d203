using Anatomic.Tracker.Policy;
using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.Wire.Trackers;
using static Anatomic.Tracker.Tests.TestTracker;

namespace Anatomic.Tracker.Tests.Swarms;

public class SharedPeerTests
{
    private static readonly Hash32 PartnerA = new(1, 0, 0, 0);
    private static readonly Hash32 PartnerB = new(2, 0, 0, 0);

    [Fact]
    public void New_changed_renewed_and_gone_peers_are_reported_in_order()
    {
        var tracker = new TestTracker();
        tracker.Announce(V4(1));
        tracker.Announce(V4(1));
        tracker.Announce(V4(1), seed: true);
        Drain(tracker).ShouldBe([Change(V4(1), seed: false), Change(V4(1), seed: true)]);
        tracker.Clock.Advance(TimeSpan.FromMinutes(5));
        tracker.Announce(V4(1), seed: true);
        Drain(tracker).ShouldBeEmpty();
        tracker.Clock.Advance(TimeSpan.FromMinutes(11));
        tracker.Announce(V4(1), seed: true);
        Drain(tracker).ShouldBe([Change(V4(1), seed: true)]);
        tracker.Announce(V4(1), seed: true, AnnounceEvent.Stopped);
        Drain(tracker).ShouldBe([Change(V4(1), seed: true, gone: true)]);
    }

    [Fact]
    public void An_expired_peer_is_reported_as_gone()
    {
        var tracker = new TestTracker();
        tracker.Announce(V6(1));
        Drain(tracker);
        tracker.Clock.Advance(TimeSpan.FromMinutes(46));
        tracker.Scrape();
        Drain(tracker).ShouldBe([Change(V6(1), seed: false, gone: true)]);
    }

    [Fact]
    public void When_the_queue_is_full_a_peer_is_reported_at_its_next_announce()
    {
        var tracker = new TestTracker();
        for (var i = 0; i < 5000; i++)
        {
            tracker.Announce(V4(i), wanted: 0);
        }
        tracker.Service.ReadStatistics().WaitingChanges.ShouldBe(4096);
        var full = tracker.Service.ReadStatistics().MemoryBytes;
        Drain(tracker).Select(change => change.Peer.Address).ShouldBe(Enumerable.Range(0, 4096).Select(i => V4(i)));
        (full - tracker.Service.ReadStatistics().MemoryBytes).ShouldBeGreaterThanOrEqualTo(4096 * 64);
        for (var i = 0; i < 5000; i++)
        {
            tracker.Announce(V4(i), wanted: 0);
        }
        Drain(tracker).Count.ShouldBe(5000 - 4096);
    }

    [Fact]
    public void Changes_of_torrents_that_are_not_planted_are_not_reported()
    {
        var tracker = new TestTracker(new TrackerOptions { Open = true });
        tracker.Announce(V4(1), swarm: HashOf(5));
        Drain(tracker).ShouldBeEmpty();
    }

    [Fact]
    public void Shared_peers_are_in_replies_and_never_passed_on()
    {
        var tracker = new TestTracker();
        tracker.Service.AddShared(
            Swarm,
            PartnerA,
            [new SwarmPeer(V4(7), true), new SwarmPeer(V6(8), false)],
            [],
            default
        );
        tracker.Announce(V4(1)).Peers.ShouldBe([V4(7), V6(8)], ignoreOrder: true);
        Drain(tracker).ShouldBe([Change(V4(1), seed: false)]);
        Snapshot(tracker).ShouldBe([new SwarmPeer(V4(1), false)]);
        tracker.Service.Totals(Swarm).ShouldBe(new SwarmTotals(0, 1));
        tracker.Service.AddShared(Swarm, PartnerA, [], [V4(7)], default);
        tracker.Announce(V4(1)).Peers.ShouldBe([V6(8)]);
        tracker.Service.ForgetShared(Swarm, PartnerA);
        tracker.Announce(V4(1)).Peers.ShouldBeEmpty();
        tracker.Service.ReadStatistics().SharedPeers.ShouldBe(0);
    }

    [Fact]
    public void Shared_peers_expire_like_local_ones()
    {
        var tracker = new TestTracker();
        tracker.Service.AddShared(Swarm, PartnerA, [new SwarmPeer(V4(7), true)], [], new SwarmTotals(5, 5));
        tracker.Scrape().Complete.ShouldBe(5);
        tracker.Clock.Advance(TimeSpan.FromMinutes(46));
        tracker.Scrape().ShouldBe(default);
        tracker.Service.ReadStatistics().SharedPeers.ShouldBe(0);
    }

    [Fact]
    public void Shared_peers_fill_half_of_a_reply_evenly_by_partner()
    {
        var tracker = new TestTracker();
        for (var i = 0; i < 100; i++)
        {
            tracker.Announce(V4(i), wanted: 0);
        }
        tracker.Service.AddShared(Swarm, PartnerA, Many(1000, 200), [], default);
        tracker.Service.AddShared(Swarm, PartnerB, Many(5000, 10), [], default);
        var peers = tracker.Announce(V4(1), wanted: 40).Peers;
        peers.Count.ShouldBe(40);
        peers.Count(peer => peer.V4 < V4(1000).V4).ShouldBe(20);
        peers.Count(peer => peer.V4 >= V4(5000).V4).ShouldBe(10);
    }

    [Fact]
    public void A_peer_that_is_known_twice_is_in_a_reply_once()
    {
        var tracker = new TestTracker();
        tracker.Announce(V4(1));
        tracker.Service.AddShared(
            Swarm,
            PartnerA,
            [new SwarmPeer(V4(1), false), new SwarmPeer(V4(2), false)],
            [],
            default
        );
        tracker.Service.AddShared(Swarm, PartnerB, [new SwarmPeer(V4(2), false)], [], default);
        tracker.Announce(V4(3)).Peers.ShouldBe([V4(1), V4(2)], ignoreOrder: true);
    }

    [Fact]
    public void A_scrape_returns_the_largest_known_count_and_never_adds_totals()
    {
        var tracker = new TestTracker();
        tracker.Announce(V4(1));
        tracker.Service.AddShared(
            Swarm,
            PartnerA,
            [new SwarmPeer(V4(1), false), new SwarmPeer(V4(2), true)],
            [],
            default
        );
        tracker.Service.AddShared(
            Swarm,
            PartnerB,
            [new SwarmPeer(V4(2), true), new SwarmPeer(V4(3), false)],
            [],
            default
        );
        tracker.Scrape().ShouldBe(new ScrapeCounts(1, 0, 2));
        tracker.Announce(V4(3));
        tracker.Scrape().ShouldBe(new ScrapeCounts(1, 0, 2));
        tracker.Service.AddShared(Swarm, PartnerA, [], [], new SwarmTotals(10, 1));
        tracker.Service.AddShared(Swarm, PartnerB, [], [], new SwarmTotals(8, 4));
        tracker.Scrape().ShouldBe(new ScrapeCounts(10, 0, 4));
    }

    [Fact]
    public void A_peer_snapshot_starts_with_the_newest()
    {
        var tracker = new TestTracker();
        for (var i = 1; i <= 5; i++)
        {
            tracker.Announce(V4(i), seed: i == 4);
            tracker.Clock.Advance(TimeSpan.FromMinutes(2));
        }
        Snapshot(tracker, 3).ShouldBe([new(V4(5), false), new(V4(4), true), new(V4(3), false)]);
    }

    [Fact]
    public void The_last_announce_is_kept_after_its_peer_expires()
    {
        var tracker = new TestTracker();
        tracker.Service.LastAnnounce(Swarm).ShouldBe(DateTimeOffset.MinValue);
        tracker.Announce(V4(1));
        var at = tracker.Clock.GetUtcNow();
        tracker.Clock.Advance(TimeSpan.FromDays(2));
        tracker.Scrape();
        tracker.Service.LastAnnounce(Swarm).ShouldBe(at);
    }

    private static SwarmChange Change(Endpoint peer, bool seed, bool gone = false) =>
        new(Swarm, new SwarmPeer(peer, seed), gone);

    private static SwarmPeer[] Many(int from, int count) =>
        [.. Enumerable.Range(from, count).Select(number => new SwarmPeer(V4(number), number % 2 == 0))];

    private static List<SwarmChange> Drain(TestTracker tracker)
    {
        var all = new List<SwarmChange>();
        var buffer = new SwarmChange[100];
        int drained;
        do
        {
            drained = tracker.Service.DrainChanges(buffer);
            all.AddRange(buffer[..drained]);
        } while (drained == buffer.Length);
        return all;
    }

    private static SwarmPeer[] Snapshot(TestTracker tracker, int buffer = 200)
    {
        var into = new SwarmPeer[buffer];
        return into[..tracker.Service.Snapshot(Swarm, into)];
    }
}
