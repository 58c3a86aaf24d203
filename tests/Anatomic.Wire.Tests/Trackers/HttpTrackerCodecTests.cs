using System.Net;
using System.Text;
using Anatomic.Wire.Trackers;
using FsCheck;
using FsCheck.Fluent;

namespace Anatomic.Wire.Tests.Trackers;

public class HttpTrackerCodecTests
{
    private static readonly Hash20 Swarm = new(Convert.FromHexString("123456789abcdef123456789abcdef123456789a"));
    private static readonly AnnounceRequest Request = new()
    {
        Swarm = Swarm,
        PeerId = new Hash20("-AN0001-abcdefghijkl"u8),
        Port = 6881,
        LeftBytes = 0,
        Event = AnnounceEvent.Started,
        Wanted = 30,
        Key = 0xBEEF,
    };

    [Theory]
    [InlineData("http://t/announce", "http://t/announce?info_hash=")]
    [InlineData("http://t/announce?passkey=1", "http://t/announce?passkey=1&info_hash=")]
    [InlineData("http://t/announce?#x", "http://t/announce?info_hash=")]
    public void A_URL_contains_the_raw_bytes_percent_encoded(string tracker, string begin)
    {
        var url = HttpClientCodec.Announce(tracker, Request with { TrackerId = [1, (byte)'a'] });
        url.ShouldStartWith(
            begin + "%124Vx%9A%BC%DE%F1%23Eg%89%AB%CD%EF%124Vx%9A&peer_id=-AN0001-abcdefghijkl&port=6881"
        );
        url.ShouldEndWith("&key=0000beef&numwant=30&event=started&trackerid=%01a");
    }

    [Theory]
    [InlineData("http://t/announce", "http://t/scrape?info_hash=")]
    [InlineData("http://t/x/announce.php", "http://t/x/scrape.php?info_hash=")]
    [InlineData("http://t/announce?x=2%0644", "http://t/scrape?x=2%0644&info_hash=")]
    [InlineData("http://t/a", "")]
    [InlineData("http://t/announce?x=2/4", "http://t/scrape?x=2/4&info_hash=")]
    [InlineData("http://t/x%064announce", "")]
    public void A_scrape_URL_follows_the_convention(string announce, string begin)
    {
        HttpClientCodec.TryScrape(announce, [Swarm], out var url).ShouldBe(begin.Length > 0);
        url.ShouldStartWith(begin);
    }

    [Fact]
    public void The_first_torrent_of_a_query_can_be_read_alone()
    {
        var announce = HttpClientCodec.Announce("", Request)[1..];
        AnnounceQuery.TryPeekSwarm(Encoding.ASCII.GetBytes(announce), out var swarm).ShouldBeTrue();
        swarm.ShouldBe(Swarm);
        HttpClientCodec.TryScrape("/announce", [Swarm, default], out var scrape).ShouldBeTrue();
        var query = scrape["/scrape?".Length..];
        AnnounceQuery.TryPeekSwarm(Encoding.ASCII.GetBytes(query), out swarm).ShouldBeTrue();
        swarm.ShouldBe(Swarm);
    }

    [Theory]
    [InlineData("")]
    [InlineData("info_hash=")]
    [InlineData("info_hash=aaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("info_hash=aaaaaaaaaaaaaaaaaaa&port=1")]
    [InlineData("peer_id=aaaaaaaaaaaaaaaaaaaa")]
    public void Other_queries_have_no_torrent(string query) =>
        AnnounceQuery.TryPeekSwarm(Encoding.ASCII.GetBytes(query), out _).ShouldBeFalse();

    [Fact]
    public void Only_the_first_part_of_a_long_query_is_searched_for_one()
    {
        var far = $"{new string('x', 2000)}&info_hash=aaaaaaaaaaaaaaaaaaaa";
        AnnounceQuery.TryPeekSwarm(Encoding.ASCII.GetBytes(far), out _).ShouldBeFalse();
    }

    [Fact]
    public void Announces_round_trip_through_their_URLs() =>
        Prop.ForAll(
                ArbMap.Default.ArbFor<byte[]>().Filter(bytes => bytes.Length >= 20),
                ArbMap.Default.ArbFor<ushort>().Filter(port => port > 0),
                (bytes, port) =>
                {
                    var sent = Request with { Swarm = new Hash20(bytes), PeerId = new Hash20(bytes), Port = port };
                    var query = Encoding.ASCII.GetBytes(HttpClientCodec.Announce("?", sent)[1..]);
                    return AnnounceQuery.TryReadHttp(query, out var read, out _)
                        && read.Key != 0
                        && read with
                        {
                            Key = 0,
                        }
                            == new AnnounceQuery
                            {
                                Swarm = sent.Swarm,
                                Port = port,
                                IsSeed = true,
                                Event = AnnounceEvent.Started,
                                Wanted = 30,
                                Compact = true,
                            };
                }
            )
            .QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("", 1, false, AnnounceEvent.None, -1, true)]
    [InlineData("&left=0&event=completed", 1, true, AnnounceEvent.Completed, -1, true)]
    [InlineData("&left=0&left=5&event=&numwant=-1", 1, true, AnnounceEvent.None, -1, true)]
    [InlineData(
        "&left=-1&event=paused&numwant=9999999999999999999999&compact=0",
        1,
        false,
        AnnounceEvent.Paused,
        int.MaxValue,
        false
    )]
    [InlineData(
        "&left=x&event=dancing&numwant=x&compact=1&ip=1.2.3.4&no_peer_id=1&&=&x",
        1,
        false,
        AnnounceEvent.None,
        -1,
        true
    )]
    [InlineData("&left=99999999999999999999&event=stopped&numwant=-70", 1, false, AnnounceEvent.Stopped, -1, true)]
    public void Unusual_queries_are_read(
        string more,
        int port,
        bool seed,
        AnnounceEvent reason,
        int wanted,
        bool compact
    )
    {
        var query = $"info_hash=aaaaaaaaaaaaaaaaaaa%&peer_id=%61bbbbbbbbbbbbbbbbbbb&port={port}{more}";
        AnnounceQuery
            .TryReadHttp(Encoding.ASCII.GetBytes(query), out var read, out var fault)
            .ShouldBeTrue(fault?.What);
        read.Swarm.ShouldBe(new Hash20("aaaaaaaaaaaaaaaaaaa%"u8));
        (read.IsSeed, read.Event, read.Wanted, read.Compact).ShouldBe((seed, reason, wanted, compact));
    }

    [Theory]
    [InlineData("peer_id=bbbbbbbbbbbbbbbbbbbb&port=1", "info_hash is missing")]
    [InlineData("info_hash=a&peer_id=bbbbbbbbbbbbbbbbbbbb&port=1", "info_hash does not have 20 bytes")]
    [InlineData(
        "info_hash=aaaaaaaaaaaaaaaaaaaaa&peer_id=bbbbbbbbbbbbbbbbbbbb&port=1",
        "info_hash does not have 20 bytes"
    )]
    [InlineData("info_hash=aaaaaaaaaaaaaaaaaaaa&port=1", "peer_id is missing")]
    [InlineData("info_hash=aaaaaaaaaaaaaaaaaaaa&peer_id=b&port=1", "peer_id does not have 20 bytes")]
    [InlineData("info_hash=aaaaaaaaaaaaaaaaaaaa&peer_id=bbbbbbbbbbbbbbbbbbbb", "port is missing")]
    [InlineData(
        "info_hash=aaaaaaaaaaaaaaaaaaaa&peer_id=bbbbbbbbbbbbbbbbbbbb&port=0",
        "port is not a number from 1 to 65535"
    )]
    [InlineData(
        "info_hash=aaaaaaaaaaaaaaaaaaaa&peer_id=bbbbbbbbbbbbbbbbbbbb&port=65536",
        "port is not a number from 1 to 65535"
    )]
    [InlineData(
        "info_hash=aaaaaaaaaaaaaaaaaaaa&peer_id=bbbbbbbbbbbbbbbbbbbb&port=+1",
        "port is not a number from 1 to 65535"
    )]
    public void A_malformed_query_is_rejected_with_a_reason(string query, string what)
    {
        AnnounceQuery.TryReadHttp(Encoding.ASCII.GetBytes(query), out _, out var fault).ShouldBeFalse();
        fault!.What.ShouldBe(what);
    }

    [Fact]
    public void The_hashes_of_a_scrape_are_sorted_and_unique()
    {
        var room = new Hash20[3];
        var query =
            "info_hash=cccccccccccccccccccc&x=1&info_hash=aaaaaaaaaaaaaaaaaaaa"u8
            + "&info_hash=cccccccccccccccccccc&info_hash=bbbbbbbbbbbbbbbbbbbb"u8;
        ScrapeQuery.TryReadHttp(query, room, out var count, out _).ShouldBeTrue();
        room[..count].ShouldBe([new Hash20("aaaaaaaaaaaaaaaaaaaa"u8), new Hash20("cccccccccccccccccccc"u8)]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Announce_responses_round_trip(bool compact)
    {
        Endpoint[] peers =
        [
            Endpoint.FromV4(0x01020304, 5),
            Endpoint.FromV4(0x01020305, 6),
            new(0x2A00_0000_0000_0000, 1, 7),
        ];
        var bytes = new byte[30];
        peers[0].WriteCompact(bytes);
        peers[1].WriteCompact(bytes.AsSpan(6));
        peers[2].WriteCompact(bytes.AsSpan(12));
        var answer = new AnnounceResponseData
        {
            IntervalSeconds = 1800,
            MinIntervalSeconds = 300,
            Complete = 1,
            Incomplete = 2,
            ClientAddress = peers[2],
            PeersV4 = bytes.AsSpan(0, 12),
            PeersV6 = bytes.AsSpan(12),
            Compact = compact,
        };
        var room = new byte[HttpServerCodec.MaxAnnounceBytes(answer)];
        var length = HttpServerCodec.WriteAnnounce(room, answer);
        HttpClientCodec
            .TryReadAnnounce(room.AsMemory(0, length), out var reply, out var fault)
            .ShouldBeTrue(fault?.What);
        reply!.Peers.ShouldBe(peers);
        reply.ExternalAddress.ShouldBe(peers[2].WithPort(0));
        (reply.Interval, reply.MinInterval).ShouldBe((TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(5)));
        (reply.Complete, reply.Incomplete, reply.FailureReason).ShouldBe((1, 2, null));
    }

    [Fact]
    public void A_failure_says_when_to_retry()
    {
        var room = new byte[HttpServerCodec.MaxFailureBytes(4)];
        var length = HttpServerCodec.WriteFailure(room, "full"u8, 5);
        Encoding.ASCII.GetString(room, 0, length).ShouldBe("d14:failure reason4:full5:peers0:8:retry ini5ee");
        HttpClientCodec.TryReadAnnounce(room.AsMemory(0, length), out var reply, out _).ShouldBeTrue();
        (reply!.FailureReason, reply.RetryIn).ShouldBe(("full", TimeSpan.FromMinutes(5)));
    }

    [Fact]
    public void Responses_found_in_the_wild_are_read()
    {
        var body =
            "d8:intervali99999999999e8:retry in5:never10:tracker id2:id15:warning message2:hi"
            + "5:peersld2:ip9:127.0.0.14:porti80eed2:ip11:example.com4:porti80eed2:ip7:1.1.1.14:porti0eeee\n";
        HttpClientCodec
            .TryReadAnnounce(Encoding.ASCII.GetBytes(body), out var reply, out var fault)
            .ShouldBeTrue(fault?.What);
        reply!.Interval.ShouldBe(TimeSpan.FromDays(1));
        reply.NeverRetry.ShouldBeTrue();
        reply.TrackerId.ShouldBe("id"u8.ToArray());
        reply.WarningMessage.ShouldBe("hi");
        reply.Peers.ShouldBe([Endpoint.FromV4(0x7F000001, 80)]);
    }

    [Theory]
    [InlineData("8:completei-4e10:downloadedi7e8:interval4:18005:peers6:\x01\x02\x03\x04\x1a\xe1", 0, 7, 1800)]
    [InlineData("8:complete3:abc10:downloadedle8:intervalde5:peers6:\x01\x02\x03\x04\x1a\xe1", null, null, null)]
    [InlineData(
        "8:intervali-1e12:min interval0:5:peersld2:ipi5e4:porti1eed2:ip7:1.2.3.44:porti6881eee",
        null,
        null,
        null
    )]
    [InlineData("8:intervali0e5:peersld2:ip7:1.2.3.44:porti70000eed2:ip7:1.2.3.44:porti6881eei7ee", null, null, null)]
    public void A_value_that_cannot_be_used_spoils_only_its_key(string keys, int? seeds, int? downloaded, int? interval)
    {
        var body = Encoding.Latin1.GetBytes($"d{keys}e");
        HttpClientCodec.TryReadAnnounce(body, out var reply, out _).ShouldBeTrue();
        reply!.Peers.ShouldBe([new Endpoint(0, 0xFFFF_0102_0304, 6881)]);
        (reply.Complete, reply.Downloaded, (int?)reply.Interval?.TotalSeconds).ShouldBe((seeds, downloaded, interval));
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>")]
    [InlineData("i1e")]
    [InlineData("d5:peers99:")]
    public void A_malformed_response_is_a_fault(string body)
    {
        HttpClientCodec.TryReadAnnounce(Encoding.ASCII.GetBytes(body), out _, out var fault).ShouldBeFalse();
        fault!.What.ShouldNotBeEmpty();
        HttpClientCodec.TryReadScrape(Encoding.ASCII.GetBytes(body), out _, out _).ShouldBeFalse();
    }

    [Fact]
    public void Scrape_responses_round_trip()
    {
        var room = new byte[HttpServerCodec.MaxScrapeBytes(1)];
        var counts = new ScrapeCounts(int.MaxValue, 2, 3);
        var length = HttpServerCodec.BeginScrape(room);
        length += HttpServerCodec.WriteScrapeFile(room.AsSpan(length), Swarm, counts);
        length += HttpServerCodec.EndScrape(room.AsSpan(length), 300);
        HttpClientCodec.TryReadScrape(room.AsMemory(0, length), out var reply, out _).ShouldBeTrue();
        reply!.Files.ShouldBe([(Swarm, counts)]);
        reply.MinInterval.ShouldBe(TimeSpan.FromMinutes(5));
    }

    [Theory]
    [InlineData("1.2.3.4")]
    [InlineData("255.255.255.255")]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("1::")]
    [InlineData("2001:db8:1:2:3:4:5:6")]
    [InlineData("2001:db8::1:0:0:1")]
    [InlineData("2001:0:0:1::1")]
    [InlineData("2001:db8:0:1:1:1:1:1")]
    [InlineData("fe80::abcd:ff:fe00:1")]
    public void A_peer_in_a_dictionary_has_its_address_as_text(string text)
    {
        var compact = new byte[18];
        var length = Endpoint.From(IPAddress.Parse(text), 80).WriteCompact(compact);
        var answer = new AnnounceResponseData
        {
            IntervalSeconds = 1,
            MinIntervalSeconds = 1,
            Complete = 0,
            Incomplete = 1,
            ClientAddress = Endpoint.FromV4(1, 1),
            PeersV4 = length == 6 ? compact.AsSpan(0, 6) : [],
            PeersV6 = length == 18 ? compact : [],
            Compact = false,
        };
        var body = new byte[HttpServerCodec.MaxAnnounceBytes(answer)];
        var written = HttpServerCodec.WriteAnnounce(body, answer);
        Encoding.ASCII.GetString(body, 0, written).ShouldContain($"5:peersld2:ip{text.Length}:{text}4:porti80eee");
    }
}
