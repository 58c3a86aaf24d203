using Anatomic.Tracker.Statistics;
using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.Wire.Trackers;
using static Anatomic.Tracker.Tests.TestTracker;

namespace Anatomic.Tracker.Tests.Statistics;

public class TrackerStatisticsTests
{
    [Fact]
    public void Memory_grows_with_the_peers_and_is_released_to_the_byte()
    {
        var tracker = new TestTracker();
        var partner = new Hash32(1, 0, 0, 0);
        // The first change allocates the queue, and the first peer the scratch set of lone peers. Both are kept.
        JoinAndLeave(tracker);
        var empty = tracker.Service.ReadStatistics().MemoryBytes;
        for (var i = 0; i < 1000; i++)
        {
            tracker.Announce(V4(i), seed: i % 2 == 0, wanted: 0);
            tracker.Announce(V6(i), wanted: 0);
            Drain(tracker);
        }
        tracker.Service.AddShared(
            Swarm,
            partner,
            [new SwarmPeer(V4(7777), false), new SwarmPeer(V6(1), true)],
            [],
            default
        );
        // 8 or 24 bytes per entry, and up to a quarter more of unused capacity.
        (tracker.Service.ReadStatistics().MemoryBytes - empty).ShouldBeInRange(1000 * (8 + 24), 1250 * (8 + 24));
        tracker.Service.Withdraw(Swarm);
        tracker.Service.Admit(Swarm);
        JoinAndLeave(tracker);
        tracker.Service.ReadStatistics().MemoryBytes.ShouldBe(empty);
    }

    [Fact]
    public void Expired_peers_reduce_the_memory_in_use()
    {
        var tracker = new TestTracker();
        tracker.Announce(V4(1));
        Drain(tracker);
        var one = tracker.Service.ReadStatistics().MemoryBytes;
        tracker.Announce(V4(2));
        tracker.Announce(V6(3));
        tracker.Service.ReadStatistics().MemoryBytes.ShouldBeGreaterThan(one);
        tracker.Clock.Advance(TimeSpan.FromMinutes(46));
        tracker.Announce(V4(4));
        tracker.Clock.Advance(TimeSpan.FromDays(1));
        tracker.Announce(V4(5));
        tracker.Service.ReadStatistics().MemoryBytes.ShouldBe(one);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(10, 0)]
    [InlineData(11, 1)]
    [InlineData(20, 1)]
    [InlineData(21, 2)]
    [InlineData(10_485_760, 20)]
    [InlineData(10_485_761, 21)]
    [InlineData(long.MaxValue, 21)]
    public void A_latency_belongs_to_the_first_bucket_that_bounds_it(long tenthsOfMicrosecond, int bucket)
    {
        var elapsed = TimeSpan.FromTicks(tenthsOfMicrosecond);
        LatencyHistogram.BucketOf(elapsed).ShouldBe(bucket);
        elapsed.ShouldBeLessThanOrEqualTo(LatencyHistogram.UpperBound(bucket));
    }

    [Fact]
    public void HTTP_requests_are_timed_singly_and_UDP_requests_by_batch()
    {
        var tracker = new TestTracker();
        tracker.Announce(V4(1));
        tracker.Scrape();
        tracker.Clock.Step = TimeSpan.FromMicroseconds(5);
        tracker.SendAnnounce(V4(2), tracker.Connect(V4(2)), Request());
        foreach (
            var (protocol, kind, bucket) in new[]
            {
                (TrackerProtocol.Http, RequestKind.Announce, 0),
                (TrackerProtocol.Http, RequestKind.Scrape, 0),
                (TrackerProtocol.Udp, RequestKind.Announce, 3),
            }
        )
        {
            var latency = tracker
                .Service.ReadStatistics()
                .Latencies.Single(entry => entry.Protocol == protocol && entry.Kind == kind);
            latency.Count.ShouldBe(1);
            latency.Buckets[bucket].ShouldBe(1);
        }
        tracker
            .Service.ReadStatistics()
            .Latencies.Single(entry => entry is { Protocol: TrackerProtocol.Udp, Kind: RequestKind.Scrape })
            .Count.ShouldBe(0);
        tracker.Service.ReadStatistics().Latencies.Sum(entry => entry.Sum.Ticks).ShouldBe(50);
    }

    [Fact]
    public void Counts_of_many_threads_are_complete()
    {
        var statistics = new RequestStatistics();
        // More threads than have their own counters.
        var threads = Enumerable
            .Range(0, 200)
            .Select(_ => new Thread(() =>
            {
                for (var i = 0; i < 1000; i++)
                {
                    statistics.Current.Count(TrackerProtocol.Udp, RequestOutcome.Announced);
                    statistics.Current.RecordLatency(
                        TrackerProtocol.Udp,
                        RequestKind.Announce,
                        TimeSpan.FromMicroseconds(3),
                        2
                    );
                }
            }))
            .ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        statistics.ReadCounts().Single(entry => entry.Count > 0).Count.ShouldBe(200_000);
        var latency = statistics.ReadLatencies().Single(entry => entry.Count > 0);
        (latency.Count, latency.Buckets[2], latency.Sum).ShouldBe((400_000, 400_000, TimeSpan.FromSeconds(1.2)));
    }

    private static void JoinAndLeave(TestTracker tracker)
    {
        tracker.Announce(V4(9999));
        tracker.Announce(V4(9999), reason: AnnounceEvent.Stopped);
        Drain(tracker);
    }

    private static void Drain(TestTracker tracker)
    {
        var buffer = new SwarmChange[8];
        while (tracker.Service.DrainChanges(buffer) > 0) { }
    }
}
