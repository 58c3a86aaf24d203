using System.Buffers;
using System.Text;
using Anatomic.Testing;
using Anatomic.Tracker.Policy;
using Anatomic.Tracker.Statistics;
using Anatomic.Wire;
using Anatomic.Wire.Http;
using Anatomic.Wire.Trackers;
using Anatomic.World;

namespace Anatomic.Tracker.Tests;

/// <summary>A tracker with a manual clock, which is sent requests as bytes.</summary>
public sealed class TestTracker
{
    public static readonly Hash20 Swarm = HashOf(1);
    public static readonly Hash20 PeerId = new("-AN0001-abcdefghijkl"u8);

    public TestTracker(TrackerOptions? options = null)
    {
        Service = new TrackerService(options ?? new TrackerOptions(), Clock, new SeededEntropy(7));
        Service.Admit(Swarm);
    }

    public ManualClock Clock { get; } = new();
    public TrackerService Service { get; }

    public static Hash20 HashOf(int number) => new((ulong)number << 32, (ulong)number * 77, (uint)number);

    /// <summary>A public IPv4 address.</summary>
    public static Endpoint V4(int number, int port = 6881) => Endpoint.FromV4(0x50000000u + (uint)number, (ushort)port);

    /// <summary>A public IPv6 address.</summary>
    public static Endpoint V6(int number, int port = 6881) => new(0x2A00_0000_0000_0000, (ulong)number, (ushort)port);

    public static AnnounceRequest Request(int port = 6881, long left = 1, AnnounceEvent reason = AnnounceEvent.None) =>
        new()
        {
            Swarm = Swarm,
            PeerId = PeerId,
            Port = (ushort)port,
            LeftBytes = left,
            Event = reason,
        };

    /// <summary>Announces a peer over HTTP, from the peer's own address.</summary>
    public AnnounceResponse Announce(
        Endpoint peer,
        bool seed = false,
        AnnounceEvent reason = AnnounceEvent.None,
        int wanted = -1,
        Hash20? swarm = null,
        uint key = 0
    )
    {
        var request = Request(peer.Port, seed ? 0 : 1, reason) with
        {
            Wanted = wanted,
            Swarm = swarm ?? Swarm,
            Key = key,
        };
        var url = HttpClientCodec.Announce("/announce", request);
        return ReadAnnounce(Get($"GET {url} HTTP/1.1\r\nHost: t\r\n\r\n", peer).Body);
    }

    public static AnnounceResponse ReadAnnounce(byte[] body)
    {
        HttpClientCodec.TryReadAnnounce(body, out var reply, out var fault).ShouldBeTrue(fault?.ToString());
        return reply!;
    }

    public long CountOf(TrackerProtocol protocol, RequestOutcome outcome) =>
        Service.ReadStatistics().Requests.Single(entry => entry.Protocol == protocol && entry.Outcome == outcome).Count;

    public ScrapeCounts Scrape() => ScrapeHttp() with { Downloaders = null };

    /// <summary>Includes the number of downloaders, which UDP does not have.</summary>
    public ScrapeCounts ScrapeHttp()
    {
        HttpClientCodec.TryScrape("/announce", [Swarm], out var url).ShouldBeTrue();
        var (_, _, body) = Get($"GET {url} HTTP/1.1\r\n\r\n", V4(99));
        HttpClientCodec.TryReadScrape(body, out var reply, out _).ShouldBeTrue();
        return reply!.Files.Single().Counts;
    }

    public (FrontResult Result, string Head, byte[] Body) Get(string head, Endpoint from)
    {
        var written = new ArrayBufferWriter<byte>();
        var bytes = Encoding.Latin1.GetBytes(head);
        var result = RequestHeadReader.TryRead(bytes, out var layout)
            ? Service.HttpFront.Handle(new RequestHead(bytes, layout), from, written)
            : FrontResult.PassThrough;
        var text = Encoding.Latin1.GetString(written.WrittenSpan);
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        return (result, end < 0 ? "" : text[..end], end < 0 ? [] : written.WrittenSpan[(end + 4)..].ToArray());
    }

    /// <summary>Returns the reply, or nothing.</summary>
    public byte[] Send(ReadOnlySpan<byte> datagram, Endpoint from)
    {
        var replies = new ReplyRecorder();
        Service.UdpHandler.Handle(new DatagramBatch(datagram, [new DatagramSlice(0, datagram.Length, from)]), replies);
        return replies.Last.ToArray();
    }

    public ulong Connect(Endpoint from)
    {
        var packet = new byte[UdpClientCodec.ConnectBytes];
        UdpClientCodec.WriteConnect(packet, 1);
        UdpClientCodec.TryReadConnect(Send(packet, from), out var connection, out _).ShouldBeTrue();
        return connection;
    }

    public byte[] SendAnnounce(Endpoint from, ulong connection, AnnounceRequest request)
    {
        var packet = new byte[TrackerProtocolLimits.MaxUdpRequestBytes];
        var length = UdpClientCodec.WriteAnnounce(packet, connection, 2, request, "/announce?passkey=1");
        return Send(packet.AsSpan(0, length), from);
    }
}
