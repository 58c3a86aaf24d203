using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Anatomic.Testing;
using Anatomic.Tracker;
using Anatomic.Tracker.Policy;
using Anatomic.Wire;
using Anatomic.Wire.Http;
using Anatomic.Wire.Trackers;
using Anatomic.World;

namespace Anatomic.Bench.Tracker;

/// <summary>A tracker without sockets. It is called with the bytes of requests, as the machine's loops do.</summary>
internal sealed class BenchTracker
{
    /// <summary>The <c>numwant</c> of most clients.</summary>
    public const int Wanted = 50;

    private static readonly Hash20 PeerId = new("-AN0001-abcdefghijkl"u8);

    private readonly SingleReplyBatch reply = new();
    private readonly ArrayBufferWriter<byte> response = new(64 * 1024);

    public ManualClock Clock { get; } = new();

    public TrackerOptions Options { get; } = new() { Open = true };

    public TrackerService Service { get; }

    public BenchTracker() => Service = new TrackerService(Options, Clock, new SeededEntropy(7));

    public static Hash20 SwarmOf(int number) => new((ulong)number * 0x9E37_79B9_7F4A_7C15, (ulong)number, 1);

    /// <summary>A public address, different for each number.</summary>
    public static Endpoint PeerOf(int number) => Endpoint.FromV4(0x5000_0000u + (uint)number, 6881);

    /// <summary>Fills a swarm with a number of peers.</summary>
    public void Fill(Hash20 swarm, int peers)
    {
        var datagram = Announce(swarm);
        for (var number = 0; number < peers; number++)
        {
            SetConnectionId(datagram, PeerOf(number), number);
            Send(datagram, PeerOf(number));
        }
    }

    /// <summary>
    /// A UDP announce without connection id. The id depends on the sender: see <see cref="SetConnectionId"/>.
    /// </summary>
    public static byte[] Announce(Hash20 swarm)
    {
        var datagram = new byte[TrackerProtocolLimits.MaxUdpRequestBytes];
        var request = RequestOf(swarm);
        return datagram[..UdpClientCodec.WriteAnnounce(datagram, 0, 1, request)];
    }

    public static byte[] Scrape(int hashes)
    {
        var datagram = new byte[UdpClientCodec.ScrapeHeaderBytes + (Hash20.Length * hashes)];
        UdpClientCodec.WriteScrape(datagram, 0, 1, [.. Enumerable.Range(0, hashes).Select(SwarmOf)]);
        return datagram;
    }

    /// <summary>The head of an HTTP announce, as a client sends it.</summary>
    public static byte[] AnnounceHead(Hash20 swarm, bool compact = true)
    {
        var url = HttpClientCodec.Announce("/announce", RequestOf(swarm));
        url = compact ? url : url.Replace("compact=1", "compact=0", StringComparison.Ordinal);
        return Encoding.ASCII.GetBytes($"GET {url} HTTP/1.1\r\nHost: t.example\r\nUser-Agent: bench\r\n\r\n");
    }

    public static byte[] ScrapeHead(Hash20 swarm)
    {
        HttpClientCodec.TryScrape("/announce", [swarm], out var url);
        return Encoding.ASCII.GetBytes($"GET {url} HTTP/1.1\r\nHost: t.example\r\nUser-Agent: bench\r\n\r\n");
    }

    /// <summary>
    /// Writes the sender's connection id into a request. One announce in four becomes that of a seed.
    /// </summary>
    public void SetConnectionId(byte[] request, in Endpoint from, int number)
    {
        Span<byte> connect = stackalloc byte[UdpClientCodec.ConnectBytes];
        UdpClientCodec.WriteConnect(connect, 1);
        Send(connect, from);
        reply.Bytes[8..].CopyTo(request);
        if (request.Length == UdpClientCodec.AnnounceBytes)
        {
            BinaryPrimitives.WriteInt64BigEndian(request.AsSpan(64), number % 4 == 0 ? 0 : 1);
        }
    }

    /// <summary>Returns the length of the reply.</summary>
    public int Send(ReadOnlySpan<byte> datagram, in Endpoint from)
    {
        reply.Clear();
        Service.UdpHandler.Handle(new DatagramBatch(datagram, [new DatagramSlice(0, datagram.Length, from)]), reply);
        return reply.Length;
    }

    /// <summary>Returns the length of the response.</summary>
    public int Get(byte[] head, in Endpoint from)
    {
        response.ResetWrittenCount();
        if (RequestHeadReader.TryRead(head, out var layout))
        {
            Service.HttpFront.Handle(new RequestHead(head, layout), from, response);
        }
        return response.WrittenCount;
    }

    private static AnnounceRequest RequestOf(Hash20 swarm) =>
        new()
        {
            Swarm = swarm,
            PeerId = PeerId,
            Port = 6881,
            LeftBytes = 1,
            Wanted = Wanted,
        };
}
