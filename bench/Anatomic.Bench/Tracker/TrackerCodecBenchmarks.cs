using Anatomic.Wire;
using Anatomic.Wire.Trackers;
using BenchmarkDotNet.Attributes;

namespace Anatomic.Bench.Tracker;

/// <summary>The tracker's codecs, the server's side.</summary>
[MemoryDiagnoser]
public class TrackerCodecBenchmarks
{
    private const int Scraped = 20;
    private readonly byte[] into = new byte[16 * 1024];
    private readonly byte[] peers = new byte[6 * BenchTracker.Wanted];
    private readonly byte[] datagram = BenchTracker.Announce(BenchTracker.SwarmOf(1));
    private readonly Hash20[] swarms = [.. Enumerable.Range(0, Scraped).Select(BenchTracker.SwarmOf)];
    private readonly Endpoint asker = BenchTracker.PeerOf(1);
    private readonly byte[] announce = QueryOf(BenchTracker.AnnounceHead(BenchTracker.SwarmOf(1)));
    private readonly byte[] scrape = QueryOf(BenchTracker.ScrapeHead(BenchTracker.SwarmOf(1)));

    [Benchmark]
    public bool ReadHttpAnnounce() => AnnounceQuery.TryReadHttp(announce, out _, out _);

    [Benchmark]
    public int ReadHttpScrape()
    {
        Span<Hash20> found = stackalloc Hash20[TrackerLimits.MaxHttpScrapeHashes];
        return ScrapeQuery.TryReadHttp(scrape, found, out var count, out _) ? count : -1;
    }

    [Benchmark]
    public bool ReadUdpAnnounce() =>
        UdpAnswers.TryReadRequest(datagram, out var request) && UdpAnswers.TryReadAnnounce(request, out _, out _);

    [Benchmark]
    public int WriteUdpAnnounce()
    {
        var length = UdpAnswers.WriteAnnounceHeader(into, 1, 1800, 10, 40);
        peers.CopyTo(into.AsSpan(length));
        return length + peers.Length;
    }

    [Benchmark]
    public int WriteUdpScrape()
    {
        var length = UdpAnswers.WriteScrapeHeader(into, 1);
        for (var i = 0; i < Scraped; i++)
        {
            length += UdpAnswers.WriteScrapeFile(into.AsSpan(length), new ScrapeCounts(i, 2, 3));
        }
        return length;
    }

    [Benchmark]
    public int WriteHttpAnnounce() =>
        HttpAnswers.WriteAnnounce(
            into,
            new AnnounceAnswer
            {
                IntervalSeconds = 1800,
                MinIntervalSeconds = 300,
                Complete = 10,
                Incomplete = 40,
                Asker = asker,
                PeersV4 = peers,
                PeersV6 = [],
                Compact = true,
            }
        );

    [Benchmark]
    public int WriteHttpScrape()
    {
        var length = HttpAnswers.BeginScrape(into);
        foreach (ref readonly var swarm in swarms.AsSpan())
        {
            length += HttpAnswers.WriteScrapeFile(into.AsSpan(length), swarm, new ScrapeCounts(1, 2, 3));
        }
        return length + HttpAnswers.EndScrape(into.AsSpan(length), 300);
    }

    [Benchmark]
    public int WriteFailure() => HttpAnswers.WriteFailure(into, "this torrent is not planted here"u8, 15);

    private static byte[] QueryOf(byte[] head)
    {
        var begin = head.AsSpan().IndexOf((byte)'?') + 1;
        return head.AsSpan(begin, head.AsSpan(begin).IndexOf((byte)' ')).ToArray();
    }
}
