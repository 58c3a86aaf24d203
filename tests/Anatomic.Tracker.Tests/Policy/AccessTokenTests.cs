using System.Text;
using Anatomic.Tracker.Policy;
using Anatomic.Tracker.Statistics;
using Anatomic.Wire;
using Anatomic.Wire.Trackers;
using static Anatomic.Tracker.Tests.TestTracker;

namespace Anatomic.Tracker.Tests.Policy;

public class AccessTokenTests
{
    private const string Token = "a-Word_of.8";
    private static readonly string Query = HttpClientCodec.Announce("", Request());
    private static readonly TrackerOptions PrivateTracker = new() { AnnounceTokens = ["another-one", Token] };

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
    public void An_HTTP_announce_needs_a_valid_token(string begin, bool answered)
    {
        var tracker = new TestTracker(PrivateTracker);
        var reply = ReadAnnounce(tracker.Get($"GET {begin}{Query[1..]} HTTP/1.1\r\n\r\n", V4(1)).Body);
        reply.FailureReason.ShouldBe(
            answered ? null : "this tracker needs a token: ask its operator for an announce URL with one"
        );
        tracker.Service.ReadStatistics().Leechers.ShouldBe(answered ? 1 : 0);
        tracker.CountOf(TrackerProtocol.Http, RequestOutcome.NoToken).ShouldBe(answered ? 0 : 1);
    }

    [Theory]
    [InlineData("/scrape?token=a-Word_of.8&", true)]
    [InlineData("/a-Word_of.8/scrape?", true)]
    [InlineData("/scrape?", false)]
    public void An_HTTP_scrape_needs_a_valid_token(string begin, bool answered)
    {
        HttpClientCodec.TryScrape("announce", [Swarm], out var url).ShouldBeTrue();
        var body = new TestTracker(PrivateTracker)
            .Get($"GET {begin}{url["scrape?".Length..]} HTTP/1.1\r\n\r\n", V4(1))
            .Body;
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
    public void A_UDP_announce_has_its_token_in_the_URL_data(string urlData, bool answered)
    {
        var tracker = new TestTracker(PrivateTracker);
        var packet = new byte[TrackerProtocolLimits.MaxUdpRequestBytes];
        var length = UdpClientCodec.WriteAnnounce(packet, tracker.Connect(V4(1)), 2, Request(), urlData);
        var reply = tracker.Send(packet.AsSpan(0, length), V4(1));
        UdpClientCodec.TryReadHeader(reply, out var action, out _, out _).ShouldBeTrue();
        action.ShouldBe(answered ? UdpAction.Announce : UdpAction.Error);
        reply.Length.ShouldBeLessThanOrEqualTo(length);
        tracker.CountOf(TrackerProtocol.Udp, RequestOutcome.NoToken).ShouldBe(answered ? 0 : 1);
    }

    [Fact]
    public void A_UDP_scrape_is_rejected_in_a_short_reply_because_it_has_no_token()
    {
        var tracker = new TestTracker(PrivateTracker);
        var packet = new byte[36];
        UdpClientCodec.WriteScrape(packet, tracker.Connect(V4(1)), 1, [Swarm]);
        var reply = tracker.Send(packet, V4(1));
        reply.Length.ShouldBe(36);
        UdpClientCodec.ReadError(reply).ShouldBe("this tracker needs a token: ");
    }

    [Fact]
    public void A_public_tracker_passes_requests_with_a_path_token_through()
    {
        var head = $"GET /{Token}/announce{Query} HTTP/1.1\r\n\r\n";
        new TestTracker().Get(head, V4(1)).Result.ShouldBe(World.FrontResult.PassThrough);
        new TestTracker(PrivateTracker)
            .Get(head.Replace(Token, $"x/{Token}"), V4(1))
            .Result.ShouldBe(World.FrontResult.PassThrough);
    }

    [Theory]
    [InlineData("short-7")]
    [InlineData("with a blank")]
    [InlineData("umlaut-äöü")]
    [InlineData("slash/slash")]
    [InlineData("01234567890123456789012345678901234567890123456789012345678901234")]
    public void A_token_that_a_URL_cannot_contain_is_rejected(string token) =>
        new TrackerOptions { AnnounceTokens = [token] }
            .Validate()
            .Single()
            .ShouldContain("announce token");
}
