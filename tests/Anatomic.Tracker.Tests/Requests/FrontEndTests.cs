using System.Buffers;
using System.Net;
using System.Text;
using Anatomic.Tracker.Policy;
using Anatomic.Tracker.Statistics;
using Anatomic.Wire;
using Anatomic.Wire.Http;
using Anatomic.Wire.Trackers;
using Anatomic.World;
using static Anatomic.Tracker.Tests.TestTracker;

namespace Anatomic.Tracker.Tests.Requests;

public class FrontEndTests
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
    public void Only_announces_and_scrapes_are_taken(string head, FrontResult result)
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
    public void Other_methods_are_told_what_to_do(string head, string body)
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
    [InlineData("GET /scrape HTTP/1.1\r\n\r\n", "a scrape of everything is not answered")]
    [InlineData("GET /scrape?info_hash=abc HTTP/1.1\r\n\r\n", "info_hash is not 20 bytes long")]
    public void A_faulty_request_is_told_its_fault_with_status_200(string head, string fault)
    {
        var got = new TestTracker().Get(head, V4(1));
        got.Head.ShouldStartWith("HTTP/1.1 200 OK");
        HttpClientCodec.TryReadAnnounce(got.Body, out var reply, out _).ShouldBeTrue();
        reply!.FailureReason!.ShouldStartWith(fault);
    }

    [Fact]
    public void Without_compact_peers_come_as_dictionaries_without_ids()
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
    public void The_last_hop_counts_when_a_named_proxy_says_it(string header, int peer)
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

    [Fact]
    public void UDP_answers_in_the_family_of_the_packet()
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
    public void UDP_says_in_an_error_what_is_not_planted()
    {
        var tracker = new TestTracker();
        var packet = tracker.SendAnnounce(V4(1), tracker.Connect(V4(1)), Request() with { Swarm = HashOf(9) });
        UdpClientCodec.TryReadHeader(packet, out var action, out _, out _).ShouldBeTrue();
        action.ShouldBe(UdpAction.Error);
        UdpClientCodec.ReadError(packet).ShouldStartWith("not planted here");
        packet.Length.ShouldBeLessThanOrEqualTo(UdpClientCodec.AnnounceBytes);
    }

    [Fact]
    public void A_connection_id_is_good_for_its_address_and_some_minutes()
    {
        var tracker = new TestTracker();
        var connection = tracker.Connect(V4(1));
        tracker.SendAnnounce(V4(2), connection, Request()).ShouldBeEmpty();
        tracker.SendAnnounce(V4(1, 999), connection, Request()).ShouldNotBeEmpty();
        tracker.Clock.Advance(TimeSpan.FromMinutes(6));
        tracker.SendAnnounce(V4(1), connection, Request()).ShouldNotBeEmpty();
        tracker.Clock.Advance(TimeSpan.FromMinutes(2));
        tracker.SendAnnounce(V4(1), connection, Request()).ShouldBeEmpty();
        Count(tracker, TrackerProtocol.Udp, RequestOutcome.Dropped).ShouldBe(2);
    }

    [Fact]
    public void UDP_scrapes_many_at_once()
    {
        var tracker = new TestTracker();
        tracker.Announce(V4(1));
        tracker.Announce(V4(2), seed: true);
        var asked = Enumerable.Range(0, 74).Select(HashOf).ToArray();
        var packet = new byte[1500];
        var length = UdpClientCodec.WriteScrape(packet, tracker.Connect(V4(5)), 3, asked);
        UdpClientCodec
            .TryReadScrape(tracker.Send(packet.AsSpan(0, length), V4(5)), 74, out var counts, out _)
            .ShouldBeTrue();
        counts![1].ShouldBe(new ScrapeCounts(1, 0, 1));
        counts[2].ShouldBe(default);
    }

    [Fact]
    public void Noise_is_dropped_and_never_answered_with_more_than_it_had()
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
    public void The_forms_are_those_of_requests_and_of_nothing_else()
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

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_steady_announce_allocates_nothing(bool large)
    {
        var tracker = new TestTracker();
        for (var i = 0; i < (large ? 1000 : 60); i++)
        {
            tracker.Announce(i % 3 == 0 ? V6(i) : V4(i), seed: i % 2 == 0);
        }
        tracker.Service.AddShared(Swarm, new Hash32(1, 2, 3, 4), [new(V4(77_000), false)], [], default);
        var head = Encoding.ASCII.GetBytes($"GET {Target} HTTP/1.1\r\nHost: tracker\r\nUser-Agent: x\r\n\r\n");
        var dictionaries = Encoding.ASCII.GetBytes($"GET {Target.Replace("compact=1", "compact=0")} HTTP/1.1\r\n\r\n");
        var packet = new byte[TrackerProtocolLimits.MaxUdpRequestBytes];
        var length = UdpClientCodec.WriteAnnounce(packet, tracker.Connect(V4(1)), 1, Request());
        var slices = new[] { new DatagramSlice(0, length, V4(1)) };
        var reply = new FixedWriter();
        var replies = new Replies();
        void Handle(byte[] bytes, in Endpoint from)
        {
            RequestHeadReader.TryRead(bytes, out var layout).ShouldBeTrue();
            tracker.Service.HttpFront.Handle(new RequestHead(bytes, layout), from, reply);
        }
        void Run(int times)
        {
            for (var i = 0; i < times; i++)
            {
                Handle(head, V4(1));
                Handle(head, V6(3));
                Handle(dictionaries, V6(3));
                tracker.Service.UdpHandler.Handle(new DatagramBatch(packet, slices), replies);
            }
        }
        Run(200);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(10_000);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
        replies.Count.ShouldBe(10_200);
    }

    private static int LengthIn(string head) =>
        head.Split("\r\n")
            .Where(line => line.StartsWith("Content-Length: ", StringComparison.Ordinal))
            .Select(line => int.Parse(line[16..]))
            .SingleOrDefault();

    private static long Count(TestTracker tracker, TrackerProtocol protocol, RequestOutcome outcome) =>
        tracker
            .Service.ReadStatistics()
            .Requests.Single(row => row.Protocol == protocol && row.Outcome == outcome)
            .Count;

    private sealed class FixedWriter : IBufferWriter<byte>
    {
        private readonly byte[] room = new byte[32 * 1024];

        public void Advance(int count) { }

        public Memory<byte> GetMemory(int sizeHint = 0) => room;

        public Span<byte> GetSpan(int sizeHint = 0) => room;
    }
}
