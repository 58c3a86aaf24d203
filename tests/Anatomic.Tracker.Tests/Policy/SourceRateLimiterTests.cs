using System.Net;
using Anatomic.Tracker.Policy;
using Anatomic.Tracker.Statistics;
using Anatomic.Wire;
using Anatomic.Wire.Trackers;
using static Anatomic.Tracker.Tests.TestTracker;

namespace Anatomic.Tracker.Tests.Policy;

public class SourceRateLimiterTests
{
    private static readonly string Query = HttpClientCodec.Announce("", Request());

    [Fact]
    public void A_source_is_limited_to_its_rate_after_a_burst()
    {
        var limiter = new SourceRateLimiter(200, 5);
        var now = 0L;
        Enumerable.Range(0, 5000).Count(_ => limiter.TryAcquire(V4(1), now)).ShouldBe(4000);
        Enumerable.Range(0, 5000).Count(_ => limiter.TryAcquire(V4(2), now)).ShouldBe(4000);
        now += 1_000_000;
        Enumerable.Range(0, 5000).Count(_ => limiter.TryAcquire(V4(1), now)).ShouldBe(200);
        // Long after the stored time has wrapped around.
        now += 1_000_000_000_000_000;
        Enumerable.Range(0, 5000).Count(_ => limiter.TryAcquire(V4(1), now)).ShouldBe(4000);
    }

    [Fact]
    public void A_flood_from_other_sources_does_not_reset_a_limit_or_allocate()
    {
        var limiter = new SourceRateLimiter(100, 5);
        for (var i = 0; i < 4000; i++)
        {
            limiter.TryAcquire(V4(-1), 0);
        }
        limiter.TryAcquire(V4(-1), 0).ShouldBeFalse();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var accepted = 0;
        for (var i = 0; i < 100_000; i++)
        {
            accepted += limiter.TryAcquire(V4(i), 0) ? 1 : 0;
        }
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
        accepted.ShouldBe(100_000);
        // Only the sources with the fullest buckets were evicted; the one with an empty bucket is still limited.
        limiter.TryAcquire(V4(-1), 0).ShouldBeFalse();
    }

    [Fact]
    public void An_IPv6_source_is_a_64_bit_prefix()
    {
        var limiter = new SourceRateLimiter(1, 5);
        Enumerable.Range(0, 100).Count(i => limiter.TryAcquire(V6(i), 0)).ShouldBe(20);
        limiter.TryAcquire(new Endpoint(0x2A00_0000_0000_0001, 1, 1), 0).ShouldBeTrue();
    }

    [Fact]
    public void A_limited_source_is_told_when_to_retry()
    {
        var tracker = new TestTracker(new TrackerOptions { RateLimit = 1 });
        var connection = tracker.Connect(V4(1));
        for (var i = 0; i < 20; i++)
        {
            tracker.Announce(V4(1)).FailureReason.ShouldBeNull();
        }
        var reply = tracker.Announce(V4(1));
        reply.FailureReason.ShouldBe("too many requests from your address: retry in a minute");
        reply.RetryIn.ShouldBe(TimeSpan.FromMinutes(1));
        var packet = tracker.SendAnnounce(V4(1), connection, Request());
        UdpClientCodec.ReadError(packet).ShouldStartWith("too many requests");
        tracker.Announce(V4(2)).FailureReason.ShouldBeNull();
        tracker.CountOf(TrackerProtocol.Http, RequestOutcome.Limited).ShouldBe(1);
        tracker.CountOf(TrackerProtocol.Udp, RequestOutcome.Limited).ShouldBe(1);
        tracker.Clock.Advance(TimeSpan.FromSeconds(1));
        tracker.Announce(V4(1)).FailureReason.ShouldBeNull();
    }

    [Fact]
    public void A_forged_address_is_not_charged()
    {
        var tracker = new TestTracker(new TrackerOptions { RateLimit = 1 });
        for (var i = 0; i < 1000; i++)
        {
            tracker.SendAnnounce(V4(1), 12345UL + (ulong)i, Request()).ShouldBeEmpty();
        }
        tracker.SendAnnounce(V4(1), tracker.Connect(V4(1)), Request()).ShouldNotBeEmpty();
        tracker.CountOf(TrackerProtocol.Udp, RequestOutcome.Limited).ShouldBe(0);
        tracker.CountOf(TrackerProtocol.Udp, RequestOutcome.Dropped).ShouldBe(1000);
    }

    [Fact]
    public void Behind_a_trusted_proxy_the_client_is_charged()
    {
        var tracker = new TestTracker(
            new TrackerOptions { RateLimit = 1, TrustedProxies = [IPNetwork.Parse("80.0.0.1/32")] }
        );
        for (var i = 0; i < 100; i++)
        {
            var head = $"GET /announce{Query} HTTP/1.1\r\nX-Forwarded-For: 90.0.0.{i}\r\n\r\n";
            TestTracker.ReadAnnounce(tracker.Get(head, V4(1)).Body).FailureReason.ShouldBeNull();
        }
        tracker.Service.ReadStatistics().Leechers.ShouldBe(100);
    }
}
