using Anatomic.Wire;
using Anatomic.Wire.Trackers;
using static Anatomic.Tracker.Tests.TestTracker;

namespace Anatomic.Tracker.Tests.Swarms;

/// <summary>A swarm with several buckets of peers behaves like a small one.</summary>
public class LargeSwarmTests
{
    private const int Clients = 3000;

    [Fact]
    public async Task Peers_are_found_while_the_swarm_grows_and_shrinks()
    {
        var tracker = new TestTracker();
        using var stop = new CancellationTokenSource();
        var sweeping = tracker.Service.RunAsync(stop.Token);
        var random = new Random(5);
        var model = new Dictionary<Endpoint, bool>();
        foreach (var stopsOfTen in (int[])[1, 9, 1, 10])
        {
            for (var step = 0; step < 6000; step++)
            {
                var client = random.Next(Clients);
                var peer = client % 3 == 0 ? V6(client) : V4(client);
                Step(tracker, model, peer, isSeed: random.Next(2) == 0, stops: random.Next(10) < stopsOfTen);
                if (step % 100 == 0)
                {
                    // A step of the sweep: no peer expires, but buckets may be merged.
                    tracker.Clock.Advance(TimeSpan.FromSeconds(3));
                    var seeds = model.Values.Count(isSeed => isSeed);
                    tracker.Scrape().ShouldBe(new ScrapeCounts(seeds, 0, model.Count - seeds));
                }
            }
            // All remaining peers announce again; none of them is new.
            foreach (var (peer, isSeed) in model)
            {
                tracker.Announce(peer, isSeed, wanted: 0).Complete.ShouldBe(model.Values.Count(one => one));
            }
            tracker.Scrape().Incomplete.ShouldBe(model.Values.Count(isSeed => !isSeed));
        }
        await stop.CancelAsync();
        await sweeping;
    }

    [Fact]
    public async Task A_scrape_is_exact_while_peers_expire()
    {
        var tracker = new TestTracker();
        using var stop = new CancellationTokenSource();
        var sweeping = tracker.Service.RunAsync(stop.Token);
        for (var minute = 0; minute < 100; minute++)
        {
            // 40 new peers per minute, a quarter of them seeds. Each announces once and is kept for 45 minutes.
            for (var i = 0; i < 40; i++)
            {
                tracker.Announce(V4((minute * 40) + i), seed: i % 4 == 0, wanted: 0);
            }
            for (var second = 0; second < 60; second++)
            {
                tracker.Clock.Advance(TimeSpan.FromSeconds(1));
                var scraped = tracker.Scrape();
                var local = tracker.Service.Totals(Swarm);
                scraped.ShouldBe(new ScrapeCounts(local.Seeds, 0, local.Leechers));
                local.Count.ShouldBeInRange(Math.Min(minute, 44) * 40, Math.Min(minute + 1, 47) * 40);
            }
        }
        await stop.CancelAsync();
        await sweeping;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Replies_select_peers_evenly_and_without_duplicates(bool isSeed)
    {
        var tracker = new TestTracker();
        // Not a power of two of full buckets: some buckets are split, others are not yet.
        const int Peers = 1400;
        for (var i = 0; i < Peers; i++)
        {
            tracker.Announce(V4(i), isSeed, wanted: 0);
        }
        var shown = new Dictionary<Endpoint, int>();
        const int Announces = 2000;
        const int Each = 50;
        for (var i = 0; i < Announces; i++)
        {
            var peers = tracker.Announce(V4(Peers), wanted: Each, reason: AnnounceEvent.Started).Peers;
            peers.Count.ShouldBe(Each);
            peers.ShouldBeUnique();
            peers.ShouldNotContain(V4(Peers));
            foreach (var peer in peers)
            {
                shown[peer] = shown.GetValueOrDefault(peer) + 1;
            }
        }
        const int Mean = Announces * Each / Peers;
        shown.Count.ShouldBe(Peers);
        shown.Values.Max().ShouldBeLessThan(3 * Mean);
        shown.Values.Min().ShouldBeGreaterThan(Mean / 3);
    }

    [Fact]
    public void A_reply_is_filled_from_several_buckets()
    {
        var tracker = new TestTracker();
        for (var i = 0; i < Clients; i++)
        {
            tracker.Announce(V4(i), seed: i % 100 != 0, wanted: 0);
        }
        // 30 leechers among many seeds; a seed gets only leechers.
        tracker.Announce(V4(Clients), seed: true, wanted: 200).Peers.Count.ShouldBeInRange(3, 30);
        var reply = tracker.Announce(V4(Clients + 1), wanted: 200).Peers;
        reply.Count.ShouldBe(200);
        reply.ShouldBeUnique();
    }

    [Fact]
    public async Task Expired_peers_release_their_memory()
    {
        var tracker = new TestTracker();
        using var stop = new CancellationTokenSource();
        var sweeping = tracker.Service.RunAsync(stop.Token);
        var left = new List<long>();
        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < Clients; i++)
            {
                tracker.Announce(V4(i), wanted: 0, key: (uint)i + 1);
                tracker.Announce(V6(i), wanted: 0, key: (uint)i + 1);
            }
            tracker.Scrape().ShouldBe(new ScrapeCounts(0, 0, Clients));
            tracker.Clock.Advance(TimeSpan.FromMinutes(30));
            for (var i = 0; i < 10; i++)
            {
                tracker.Announce(V6(i), wanted: 0);
            }
            tracker.Clock.Advance(TimeSpan.FromMinutes(20));
            // Ten IPv6 entries whose IPv4 entries have expired.
            tracker.Scrape().ShouldBe(new ScrapeCounts(0, 0, 10));
            tracker.Clock.Advance(TimeSpan.FromMinutes(40));
            tracker.Scrape().ShouldBe(default);
            left.Add(tracker.Service.ReadStatistics().MemoryBytes);
        }
        // The queue of changes, which nothing drains, is full in both rounds.
        left[1].ShouldBe(left[0]);
        await stop.CancelAsync();
        await sweeping;
    }

    private static void Step(
        TestTracker tracker,
        Dictionary<Endpoint, bool> model,
        Endpoint peer,
        bool isSeed,
        bool stops
    )
    {
        if (stops)
        {
            tracker.Announce(peer, isSeed, AnnounceEvent.Stopped, wanted: 0);
            model.Remove(peer);
        }
        else
        {
            tracker.Announce(peer, isSeed, wanted: 0);
            model[peer] = isSeed;
        }
    }
}
