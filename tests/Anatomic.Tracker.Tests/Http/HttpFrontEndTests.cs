using System.Net;
using System.Text;
using Anatomic.Tracker.Policy;
using Anatomic.Wire.Trackers;
using Anatomic.World;
using static Anatomic.Tracker.Tests.TestTracker;

namespace Anatomic.Tracker.Tests.Http;

public class HttpFrontEndTests
{
    private static readonly string Target = HttpClientCodec.Announce("/announce", Request());

    [Theory]
    [InlineData("GET {0} HTTP/1.1\r\n\r\n", FrontResult.KeepOpen)]
    [InlineData("GET {0} HTTP/1.1\r\nHost: x\r\nconnection: Close\r\n\r\n", FrontResult.Close)]
    [InlineData("GET {0} HTTP/1.0\r\n\r\n", FrontResult.Close)]
    [InlineData("GET {0} HTTP/1.0\r\nConnection: Keep-Alive\r\nContent-Length: 0\r\n\r\n", FrontResult.KeepOpen)]
    [InlineData("POST {0} HTTP/1.1\r\n\r\n", FrontResult.Close)]
    [InlineData("GET {0} HTTP/1.1\r\nContent-Length: 5\r\n\r\n", FrontResult.Close)]
    [InlineData("GET {0} HTTP/1.0\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\n", FrontResult.Close)]
    [InlineData("GET {0} HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", FrontResult.Close)]
    [InlineData("GET {0} HTTP/1.1\r\nContent-Length: 0\r\nContent-Length: 5\r\n\r\n", FrontResult.Close)]
    [InlineData("get {0} HTTP/1.1\r\n\r\n", FrontResult.PassThrough)]
    [InlineData("POST /record HTTP/1.1\r\n\r\n", FrontResult.PassThrough)]
    [InlineData("POST  {0} HTTP/1.1\r\n\r\n", FrontResult.PassThrough)]
    [InlineData("GET {0} HTTP/2.0\r\n\r\n", FrontResult.PassThrough)]
    [InlineData("GET {0}\r\n\r\n", FrontResult.PassThrough)]
    [InlineData("GET /record HTTP/1.1\r\n\r\n", FrontResult.PassThrough)]
    [InlineData("GET /announce.php?x HTTP/1.1\r\n\r\n", FrontResult.PassThrough)]
    [InlineData("GET {0} HTTP/1.1\r\nno colon\r\n\r\n", FrontResult.PassThrough)]
    [InlineData("GET {0} HTTP/1.1\r\nHost: x\r\n", FrontResult.PassThrough)]
    [InlineData("", FrontResult.PassThrough)]
    public void Only_announces_and_scrapes_are_answered(string head, FrontResult result)
    {
        var got = new TestTracker().Get(string.Format(head, Target), V4(1));
        got.Result.ShouldBe(result);
        got.Body.Length.ShouldBe(LengthIn(got.Head));
        got.Head.Contains("Connection: close").ShouldBe(result == FrontResult.Close);
    }

    [Theory]
    [InlineData("POST /announce HTTP/1.1\r\nContent-Length: 5\r\n\r\n", "use GET\n")]
    [InlineData("PUT /scrape HTTP/1.0\r\n\r\n", "use GET\n")]
    [InlineData("HEAD /announce?info_hash= HTTP/1.1\r\n\r\n", "")]
    public void Other_methods_than_GET_are_rejected(string head, string body)
    {
        var got = new TestTracker().Get(head, V4(1));
        got.Result.ShouldBe(FrontResult.Close);
        got.Head.ShouldStartWith("HTTP/1.1 405 Method Not Allowed\r\nAllow: GET\r\n");
        got.Head.ShouldContain("Content-Length: 8\r\nConnection: close");
        Encoding.Latin1.GetString(got.Body).ShouldBe(body);
    }

    [Theory]
    [InlineData("GET /announce HTTP/1.1\r\n\r\n", "peer_id is missing")]
    [InlineData("GET /announce?peer_id=12345678901234567890 HTTP/1.1\r\n\r\n", "info_hash is missing")]
    [InlineData("GET /scrape HTTP/1.1\r\n\r\n", "full scrapes are not supported")]
    [InlineData("GET /scrape?info_hash=abc HTTP/1.1\r\n\r\n", "info_hash does not have 20 bytes")]
    public void An_invalid_request_gets_its_fault_with_status_200(string head, string fault)
    {
        var got = new TestTracker().Get(head, V4(1));
        got.Head.ShouldStartWith("HTTP/1.1 200 OK");
        HttpClientCodec.TryReadAnnounce(got.Body, out var reply, out _).ShouldBeTrue();
        reply!.FailureReason!.ShouldStartWith(fault);
    }

    [Fact]
    public void A_non_compact_reply_has_dictionaries_without_peer_ids()
    {
        var tracker = new TestTracker();
        tracker.Announce(V4(1));
        tracker.Announce(V6(2));
        var (_, _, body) = tracker.Get($"GET {Target.Replace("compact=1", "compact=0")} HTTP/1.1\r\n\r\n", V4(3));
        Encoding.Latin1.GetString(body).ShouldContain("5:peersld2:ip8:80.0.0.14:porti6881ee");
        HttpClientCodec.TryReadAnnounce(body, out var reply, out _).ShouldBeTrue();
        reply!.Peers.ShouldBe([V4(1), V6(2)], ignoreOrder: true);
    }

    [Theory]
    [InlineData("80.0.0.77", 77)]
    [InlineData("1.1.1.1, 80.0.0.77", 77)]
    [InlineData("80.0.0.77:4711", 77)]
    [InlineData("nonsense", 1)]
    public void The_last_hop_from_a_trusted_proxy_is_the_client(string header, int peer)
    {
        var options = new TrackerOptions { TrustedProxies = [IPNetwork.Parse("80.0.0.1/32")] };
        var head = $"GET {Target} HTTP/1.1\r\nX-Forwarded-For: {header}\r\n\r\n";
        var tracker = new TestTracker(options);
        tracker.Get(head, V4(1));
        tracker.Announce(V4(9)).Peers.ShouldBe([V4(peer)]);
        var other = new TestTracker(options);
        other.Get(head, V4(2));
        other.Announce(V4(9)).Peers.ShouldBe([V4(2)]);
    }

    private static int LengthIn(string head) =>
        head.Split("\r\n")
            .Where(line => line.StartsWith("Content-Length: ", StringComparison.Ordinal))
            .Select(line => int.Parse(line[16..]))
            .SingleOrDefault();
}
