using System.Net;
using System.Text;
using Anatomic.Tracker.Policy;
using Anatomic.Tracker.Statistics;
using Anatomic.Wire;
using Anatomic.Wire.Trackers;
using static Anatomic.Tracker.Tests.TestTracker;

namespace Anatomic.Tracker.Tests.Policy;

public class AccessControlTests
{
    private const string Word = "a-Word_of.8";
    private static readonly string Query = HttpClientCodec.Announce("", Request());
    private static readonly TrackerOptions Guarded = new() { AnnounceTokens = ["another-one", Word] };

    [Theory]
    [InlineData("/announce?token=a-Word_of.8&", true)]
    [InlineData("/a-Word_of.8/announce?", true)]
    [InlineData("/another-one/announce?", true)]
    [InlineData("/announce?", false)]
    [InlineData("/announce?token=&", false)]
    [InlineData("/announce?token=a-Word_of.9&", false)]
    [InlineData("/announce?token=a-Word_of.8&token=x&", true)]
    [InlineData("/a-Word_of.80/announce?", false)]
    [InlineData("/a-Word_of/announce?token=a-Word_of.8&", false)]
    [InlineData("/announce?token=0123456789012345678901234567890123456789012345678901234567890123456789&", false)]
    public void Only_who_knows_a_token_is_answered_over_HTTP(string begin, bool answered)
    {
        var tracker = new TestTracker(Guarded);
        var reply = Read(tracker.Get($"GET {begin}{Query[1..]} HTTP/1.1\r\n\r\n", V4(1)).Body);
        reply.FailureReason.ShouldBe(
            answered ? null : "this tracker needs a token: ask its operator for an announce URL with one"
        );
        tracker.Service.ReadStatistics().Leechers.ShouldBe(answered ? 1 : 0);
        Count(tracker, TrackerProtocol.Http, RequestOutcome.NoToken).ShouldBe(answered ? 0 : 1);
    }

    [Theory]
    [InlineData("/scrape?token=a-Word_of.8&", true)]
    [InlineData("/a-Word_of.8/scrape?", true)]
    [InlineData("/scrape?", false)]
    public void Scrapes_need_it_too(string begin, bool answered)
    {
        HttpClientCodec.TryScrape("announce", [Swarm], out var url).ShouldBeTrue();
        var body = new TestTracker(Guarded).Get($"GET {begin}{url["scrape?".Length..]} HTTP/1.1\r\n\r\n", V4(1)).Body;
        Encoding.Latin1.GetString(body).Contains("failure reason").ShouldBe(!answered);
    }

    [Theory]
    [InlineData("/announce?token=a-Word_of.8", true)]
    [InlineData("/a-Word_of.8/announce", true)]
    [InlineData("/a-Word_of.8/announce?x=1", true)]
    [InlineData("/announce?x=1&token=a-Word_of.8", true)]
    [InlineData("/announce", false)]
    [InlineData("", false)]
    [InlineData("?token=a-Word_of.9", false)]
    public void UDP_has_it_in_its_URL_data(string urlData, bool answered)
    {
        var tracker = new TestTracker(Guarded);
        var packet = new byte[TrackerProtocolLimits.MaxUdpRequestBytes];
        var length = UdpClientCodec.WriteAnnounce(packet, tracker.Connect(V4(1)), 2, Request(), urlData);
        var reply = tracker.Send(packet.AsSpan(0, length), V4(1));
        UdpClientCodec.TryReadHeader(reply, out var action, out _, out _).ShouldBeTrue();
        action.ShouldBe(answered ? UdpAction.Announce : UdpAction.Error);
        reply.Length.ShouldBeLessThanOrEqualTo(length);
        Count(tracker, TrackerProtocol.Udp, RequestOutcome.NoToken).ShouldBe(answered ? 0 : 1);
    }

    [Fact]
    public void A_UDP_scrape_cannot_say_a_token_and_is_refused_in_few_words()
    {
        var tracker = new TestTracker(Guarded);
        var packet = new byte[36];
        UdpClientCodec.WriteScrape(packet, tracker.Connect(V4(1)), 1, [Swarm]);
        var reply = tracker.Send(packet, V4(1));
        reply.Length.ShouldBe(36);
        UdpClientCodec.ReadError(reply).ShouldBe("this tracker needs a token: ");
    }

    [Fact]
    public void Without_a_token_wanted_a_folder_is_nobodys()
    {
        var head = $"GET /{Word}/announce{Query} HTTP/1.1\r\n\r\n";
        new TestTracker().Get(head, V4(1)).Result.ShouldBe(World.FrontResult.PassThrough);
        new TestTracker(Guarded)
            .Get(head.Replace(Word, $"x/{Word}"), V4(1))
            .Result.ShouldBe(World.FrontResult.PassThrough);
    }

    [Theory]
    [InlineData("short-7")]
    [InlineData("with a blank")]
    [InlineData("umlaut-äöü")]
    [InlineData("slash/slash")]
    [InlineData("01234567890123456789012345678901234567890123456789012345678901234")]
    public void A_token_that_no_URL_can_hold_is_refused(string word) =>
        new TrackerOptions { AnnounceTokens = [word] }
            .Validate()
            .Single()
            .ShouldContain("announce token");

    [Fact]
    public void A_source_has_a_burst_and_then_its_rate()
    {
        var limiter = new SourceRateLimiter(200, 5);
        var now = 0L;
        Enumerable.Range(0, 5000).Count(_ => limiter.TryAcquire(V4(1), now)).ShouldBe(4000);
        Enumerable.Range(0, 5000).Count(_ => limiter.TryAcquire(V4(2), now)).ShouldBe(4000);
        now += 1_000_000;
        Enumerable.Range(0, 5000).Count(_ => limiter.TryAcquire(V4(1), now)).ShouldBe(200);
        // Long after the time has wrapped.
        now += 1_000_000_000_000_000;
        Enumerable.Range(0, 5000).Count(_ => limiter.TryAcquire(V4(1), now)).ShouldBe(4000);
    }

    [Fact]
    public void A_flood_of_other_sources_neither_spends_a_budget_nor_needs_memory()
    {
        var limiter = new SourceRateLimiter(100, 5);
        for (var i = 0; i < 4000; i++)
        {
            limiter.TryAcquire(V4(-1), 0);
        }
        limiter.TryAcquire(V4(-1), 0).ShouldBeFalse();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var taken = 0;
        for (var i = 0; i < 100_000; i++)
        {
            taken += limiter.TryAcquire(V4(i), 0) ? 1 : 0;
        }
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
        taken.ShouldBe(100_000);
        // Those who owe least lost their places; who spent everything is still known.
        limiter.TryAcquire(V4(-1), 0).ShouldBeFalse();
    }

    [Fact]
    public void An_IPv6_source_is_a_network_of_64_bits()
    {
        var limiter = new SourceRateLimiter(1, 5);
        Enumerable.Range(0, 100).Count(i => limiter.TryAcquire(V6(i), 0)).ShouldBe(20);
        limiter.TryAcquire(new Endpoint(0x2A00_0000_0000_0001, 1, 1), 0).ShouldBeTrue();
    }

    [Fact]
    public void Beyond_its_budget_a_source_is_told_when_to_come_again()
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
        Count(tracker, TrackerProtocol.Http, RequestOutcome.Limited).ShouldBe(1);
        Count(tracker, TrackerProtocol.Udp, RequestOutcome.Limited).ShouldBe(1);
        tracker.Clock.Advance(TimeSpan.FromSeconds(1));
        tracker.Announce(V4(1)).FailureReason.ShouldBeNull();
    }

    [Fact]
    public void Who_forges_an_address_cannot_spend_its_budget()
    {
        var tracker = new TestTracker(new TrackerOptions { RateLimit = 1 });
        for (var i = 0; i < 1000; i++)
        {
            tracker.SendAnnounce(V4(1), 12345UL + (ulong)i, Request()).ShouldBeEmpty();
        }
        tracker.SendAnnounce(V4(1), tracker.Connect(V4(1)), Request()).ShouldNotBeEmpty();
        Count(tracker, TrackerProtocol.Udp, RequestOutcome.Limited).ShouldBe(0);
        Count(tracker, TrackerProtocol.Udp, RequestOutcome.Dropped).ShouldBe(1000);
    }

    [Fact]
    public void Behind_a_named_proxy_the_client_is_charged()
    {
        var tracker = new TestTracker(
            new TrackerOptions { RateLimit = 1, TrustedProxies = [IPNetwork.Parse("80.0.0.1/32")] }
        );
        for (var i = 0; i < 100; i++)
        {
            var head = $"GET /announce{Query} HTTP/1.1\r\nX-Forwarded-For: 90.0.0.{i}\r\n\r\n";
            Read(tracker.Get(head, V4(1)).Body).FailureReason.ShouldBeNull();
        }
        tracker.Service.ReadStatistics().Leechers.ShouldBe(100);
    }

    private static AnnounceResponse Read(byte[] body)
    {
        HttpClientCodec.TryReadAnnounce(body, out var reply, out _).ShouldBeTrue();
        return reply!;
    }

    private static long Count(TestTracker tracker, TrackerProtocol protocol, RequestOutcome outcome) =>
        tracker
            .Service.ReadStatistics()
            .Requests.Single(row => row.Protocol == protocol && row.Outcome == outcome)
            .Count;
}
