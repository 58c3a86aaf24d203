using Anatomic.Wire;
using Anatomic.Wire.Trackers;
using BenchmarkDotNet.Attributes;

namespace Anatomic.Bench.Tracker;

/// <summary>Datagrams through the tracker, from the bytes of a request to the bytes of its reply.</summary>
[MemoryDiagnoser]
public class UdpTrackerBenchmarks
{
    private const int Scraped = 70;
    private readonly BenchTracker tracker = new();
    private readonly Hash20 swarm = BenchTracker.SwarmOf(0);
    private readonly Endpoint asker = BenchTracker.PeerOf(1);
    private readonly byte[] connect = new byte[UdpRequests.ConnectBytes];
    private byte[] announce = [];
    private byte[] scrapeOne = [];
    private byte[] scrapeMany = [];

    /// <summary>In the swarm that is announced to.</summary>
    [Params(20, 100_000)]
    public int Peers { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        tracker.Fill(swarm, Peers);
        for (var other = 1; other < Scraped; other++)
        {
            tracker.Fill(BenchTracker.SwarmOf(other), 10);
        }
        announce = BenchTracker.Announce(swarm);
        (scrapeOne, scrapeMany) = (BenchTracker.Scrape(1), BenchTracker.Scrape(Scraped));
        tracker.Put(announce, asker, number: 1);
        tracker.Put(scrapeOne, asker, number: 1);
        tracker.Put(scrapeMany, asker, number: 1);
        UdpRequests.WriteConnect(connect, 1);
        // A request that is dropped would be a fast one.
        Invariant.Holds(Announce() > UdpAnswers.AnnounceHeaderBytes && Connect() == UdpAnswers.ConnectBytes);
        Invariant.Holds(ScrapeMany() == UdpAnswers.ScrapeHeaderBytes + (Scraped * UdpAnswers.ScrapeBytesEach));
    }

    [Benchmark]
    public int Announce() => tracker.Send(announce, asker);

    [Benchmark]
    public int ScrapeOne() => tracker.Send(scrapeOne, asker);

    [Benchmark]
    public int ScrapeMany() => tracker.Send(scrapeMany, asker);

    [Benchmark]
    public int Connect() => tracker.Send(connect, asker);
}
