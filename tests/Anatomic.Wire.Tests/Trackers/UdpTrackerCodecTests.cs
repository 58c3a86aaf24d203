using System.Text;
using Anatomic.Wire.Trackers;

namespace Anatomic.Wire.Tests.Trackers;

public class UdpTrackerCodecTests
{
    private static readonly AnnounceRequest Request = new()
    {
        Swarm = new Hash20("aaaaaaaaaaaaaaaaaaaa"u8),
        PeerId = new Hash20("bbbbbbbbbbbbbbbbbbbb"u8),
        Port = 6881,
        DownloadedBytes = 1,
        LeftBytes = 2,
        UploadedBytes = 3,
        Event = AnnounceEvent.Completed,
        Key = 4,
    };

    [Fact]
    public void A_connect_follows_BEP_15()
    {
        var packet = new byte[UdpClientCodec.ConnectBytes];
        UdpClientCodec.WriteConnect(packet, 0x01020304).ShouldBe(16);
        Convert.ToHexStringLower(packet).ShouldBe("0000041727101980" + "00000000" + "01020304");
        UdpServerCodec.TryReadRequest(packet, out var request).ShouldBeTrue();
        var reply = new byte[UdpServerCodec.ConnectBytes];
        UdpServerCodec.WriteConnect(reply, request.Transaction, 0xABCD).ShouldBe(16);
        UdpClientCodec.TryReadHeader(reply, out var action, out var transaction, out _).ShouldBeTrue();
        (action, transaction).ShouldBe((UdpAction.Connect, 0x01020304u));
        UdpClientCodec.TryReadConnect(reply, out var connection, out _).ShouldBeTrue();
        connection.ShouldBe(0xABCDUL);
        packet[0] = 1;
        UdpServerCodec.TryReadRequest(packet, out _).ShouldBeFalse();
    }

    [Fact]
    public void An_announce_has_the_offsets_of_BEP_15()
    {
        var packet = new byte[TrackerProtocolLimits.MaxUdpRequestBytes];
        UdpClientCodec.WriteAnnounce(packet, 9, 7, Request).ShouldBe(98);
        Convert
            .ToHexStringLower(packet.AsSpan(0, 98))
            .ShouldBe(
                "0000000000000009"
                    + "00000001"
                    + "00000007"
                    + string.Concat(Enumerable.Repeat("61", 20))
                    + string.Concat(Enumerable.Repeat("62", 20))
                    + "0000000000000001"
                    + "0000000000000002"
                    + "0000000000000003"
                    + "00000001"
                    + "00000000"
                    + "00000004"
                    + "ffffffff"
                    + "1ae1"
            );
        UdpServerCodec.TryReadRequest(packet.AsSpan(0, 98), out var request).ShouldBeTrue();
        UdpServerCodec.TryReadAnnounce(request, out var query, out _).ShouldBeTrue();
        (query.Swarm, query.Port, query.IsSeed).ShouldBe((Request.Swarm, Request.Port, false));
        (query.Event, query.Wanted).ShouldBe((AnnounceEvent.Completed, -1));
        UdpServerCodec.TryReadRequest(packet.AsSpan(0, 97), out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(1785)]
    [InlineData(4000)]
    public void URL_data_round_trips_in_options(int length)
    {
        var data = new string('x', length);
        var packet = new byte[TrackerProtocolLimits.MaxUdpRequestBytes];
        var written = UdpClientCodec.WriteAnnounce(packet, 9, 7, Request, data);
        UdpServerCodec.TryReadRequest(packet.AsSpan(0, written), out var request).ShouldBeTrue();
        var read = new byte[TrackerProtocolLimits.MaxUrlDataBytes];
        UdpServerCodec.TryReadUrlData(request, read, out var count).ShouldBeTrue();
        Encoding
            .ASCII.GetString(read, 0, count)
            .ShouldBe(data[..Math.Min(length, TrackerProtocolLimits.MaxUrlDataBytes)]);
        UdpServerCodec.TryReadRequest(packet.AsSpan(0, Math.Max(98, written - 2)), out request).ShouldBeTrue();
        UdpServerCodec.TryReadUrlData(request, read, out _).ShouldBe(length is 0);
    }

    [Fact]
    public void A_port_of_0_is_a_fault_and_an_unknown_event_is_none()
    {
        var packet = new byte[98];
        UdpClientCodec.WriteAnnounce(packet, 9, 7, Request with { Port = 0, Event = (AnnounceEvent)77 });
        UdpServerCodec.TryReadRequest(packet, out var request).ShouldBeTrue();
        UdpServerCodec.TryReadAnnounce(request, out var query, out var fault).ShouldBeFalse();
        fault!.What.ShouldContain("port");
        query.Event.ShouldBe(AnnounceEvent.None);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Announce_responses_can_be_read(bool v6)
    {
        var peer = v6 ? new Endpoint(0x2A00_0000_0000_0000, 5, 6) : Endpoint.FromV4(0x01020304, 5);
        var packet = new byte[100];
        var length = UdpServerCodec.WriteAnnounceHeader(packet, 7, 1800, incomplete: 2, complete: 3);
        length += peer.WriteCompact(packet.AsSpan(length));
        UdpClientCodec.TryReadAnnounce(packet.AsSpan(0, length), v6, out var reply, out _).ShouldBeTrue();
        reply!.Peers.ShouldBe([peer]);
        (reply.Interval, reply.Incomplete, reply.Complete).ShouldBe((TimeSpan.FromMinutes(30), 2, 3));
        UdpClientCodec.TryReadAnnounce(packet.AsSpan(0, 19), v6, out _, out var fault).ShouldBeFalse();
        fault.ShouldNotBeNull();
    }

    [Fact]
    public void Scrape_responses_keep_the_order_of_the_request()
    {
        var packet = new byte[UdpServerCodec.ScrapeHeaderBytes + (2 * UdpServerCodec.ScrapeBytesEach)];
        var length = UdpServerCodec.WriteScrapeHeader(packet, 7);
        length += UdpServerCodec.WriteScrapeFile(packet.AsSpan(length), new ScrapeCounts(1, 2, 3));
        length += UdpServerCodec.WriteScrapeFile(packet.AsSpan(length), new ScrapeCounts(4, 5, 6));
        UdpClientCodec.TryReadScrape(packet.AsSpan(0, length), 2, out var counts, out _).ShouldBeTrue();
        counts.ShouldBe([new(1, 2, 3), new(4, 5, 6)]);
        UdpClientCodec.TryReadScrape(packet.AsSpan(0, length), 3, out _, out _).ShouldBeFalse();
    }

    [Fact]
    public void The_text_of_an_error_can_be_read()
    {
        var packet = new byte[20];
        var length = UdpServerCodec.WriteError(packet, 7, "no"u8);
        UdpClientCodec.TryReadHeader(packet.AsSpan(0, length), out var action, out _, out _).ShouldBeTrue();
        action.ShouldBe(UdpAction.Error);
        UdpClientCodec.ReadError(packet.AsSpan(0, length)).ShouldBe("no");
    }

    [Fact]
    public void SipHash_matches_its_test_vector()
    {
        var key = Enumerable.Range(0, 16).Select(i => (byte)i).ToArray();
        var message = Enumerable.Range(0, 15).Select(i => (byte)i).ToArray();
        new SipHash(key).Hash(message).ShouldBe(0xa129ca6149be45e5UL);
    }

    [Fact]
    public void A_connection_id_is_valid_for_its_address_during_four_epochs()
    {
        var ids = new ConnectionIds("0123456789abcdef"u8);
        var client = Endpoint.FromV4(0x01020304, 5);
        var id = ids.Issue(client, 1000);
        ids.IsValid(id, client.WithPort(6), 1000 + 359).ShouldBeTrue();
        ids.IsValid(id, client, 1000 + 481).ShouldBeFalse();
        ids.IsValid(id, Endpoint.FromV4(0x01020305, 5), 1000).ShouldBeFalse();
        new ConnectionIds("0123456789abcdeg"u8).IsValid(id, client, 1000).ShouldBeFalse();
    }

    [Fact]
    public void A_connection_id_contains_its_epoch()
    {
        var ids = new ConnectionIds("0123456789abcdef"u8);
        var client = Endpoint.FromV4(0x01020304, 1);
        for (var epoch = 0; epoch < 9; epoch++)
        {
            var id = ids.Issue(client, epoch * 120);
            (id & 3).ShouldBe((ulong)(epoch % 4));
            for (var later = -4; later < 9; later++)
            {
                ids.IsValid(id, client, (epoch + later) * 120L).ShouldBe(later is >= 0 and < 4, $"{epoch} + {later}");
            }
            for (var bit = 0; bit < 64; bit++)
            {
                ids.IsValid(id ^ (1UL << bit), client, epoch * 120).ShouldBeFalse();
            }
        }
    }
}
