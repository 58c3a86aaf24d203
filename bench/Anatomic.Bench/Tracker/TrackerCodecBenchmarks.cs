using Anatomic.Wire;
using Anatomic.Wire.Trackers;
using BenchmarkDotNet.Attributes;

namespace Anatomic.Bench.Tracker;

/// <summary>The server side of the tracker codecs.</summary>
[MemoryDiagnoser]
public class TrackerCodecBenchmarks
{
    private const int Scraped = 20;
    private readonly byte[] into = new byte[16 * 1024];
    private readonly byte[] peers = new byte[6 * BenchTracker.Wanted];
    private readonly byte[] datagram = BenchTracker.Announce(BenchTracker.SwarmOf(1));
    private readonly Hash20[] swarms = [.. Enumerable.Range(0, Scraped).Select(BenchTracker.SwarmOf)];
    private readonly Endpoint requester = BenchTracker.PeerOf(1);
    private readonly byte[] announce = QueryOf(BenchTracker.AnnounceHead(BenchTracker.SwarmOf(1)));
    private readonly byte[] scrape = QueryOf(BenchTracker.ScrapeHead(BenchTracker.SwarmOf(1)));

    [Benchmark]
    public bool ReadHttpAnnounce() => AnnounceQuery.TryReadHttp(announce, out _, out _);

    [Benchmark]
    public int ReadHttpScrape()
    {
        Span<Hash20> found = stackalloc Hash20[TrackerProtocolLimits.MaxHttpScrapeHashes];
        return ScrapeQuery.TryReadHttp(scrape, found, out var count, out _) ? count : -1;
    }

    [Benchmark]
    public bool ReadUdpAnnounce() =>
        UdpServerCodec.TryReadRequest(datagram, out var request)
        && UdpServerCodec.TryReadAnnounce(request, out _, out _);

    [Benchmark]
    public int WriteUdpAnnounce()
    {
        var length = UdpServerCodec.WriteAnnounceHeader(into, 1, 1800, 10, 40);
        peers.CopyTo(into.AsSpan(length));
        return length + peers.Length;
    }

    [Benchmark]
    public int WriteUdpScrape()
    {
        var length = UdpServerCodec.WriteScrapeHeader(into, 1);
        for (var i = 0; i < Scraped; i++)
        {
            length += UdpServerCodec.WriteScrapeFile(into.AsSpan(length), new ScrapeCounts(i, 2, 3));
        }
        return length;
    }

    [Benchmark]
    public int WriteHttpAnnounce() =>
        HttpServerCodec.WriteAnnounce(
            into,
            new AnnounceResponseData
            {
                IntervalSeconds = 1800,
                MinIntervalSeconds = 300,
                Complete = 10,
                Incomplete = 40,
                ClientAddress = requester,
                PeersV4 = peers,
                PeersV6 = [],
                Compact = true,
            }
        );

    [Benchmark]
    public int WriteHttpScrape()
    {
        var length = HttpServerCodec.BeginScrape(into);
        foreach (ref readonly var swarm in swarms.AsSpan())
        {
            length += HttpServerCodec.WriteScrapeFile(into.AsSpan(length), swarm, new ScrapeCounts(1, 2, 3));
        }
        return length + HttpServerCodec.EndScrape(into.AsSpan(length), 300);
    }

    [Benchmark]
    public int WriteFailure() => HttpServerCodec.WriteFailure(into, "this torrent is not planted here"u8, 15);

    private static byte[] QueryOf(byte[] head)
    {
        var begin = head.AsSpan().IndexOf((byte)'?') + 1;
        return head.AsSpan(begin, head.AsSpan(begin).IndexOf((byte)' ')).ToArray();
    }
}
