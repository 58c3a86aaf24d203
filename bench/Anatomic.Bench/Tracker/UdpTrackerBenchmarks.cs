using Anatomic.Wire;
using Anatomic.Wire.Trackers;
using BenchmarkDotNet.Attributes;

namespace Anatomic.Bench.Tracker;

/// <summary>Requests to the UDP front end, from the bytes of a datagram to the bytes of its reply.</summary>
[MemoryDiagnoser]
public class UdpTrackerBenchmarks
{
    private const int Scraped = 70;
    private readonly BenchTracker tracker = new();
    private readonly Hash20 swarm = BenchTracker.SwarmOf(0);
    private readonly Endpoint requester = BenchTracker.PeerOf(1);
    private readonly byte[] connect = new byte[UdpClientCodec.ConnectBytes];
    private byte[] announce = [];
    private byte[] scrapeOne = [];
    private byte[] scrapeMany = [];

    /// <summary>The size of the swarm.</summary>
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
        tracker.SetConnectionId(announce, requester, number: 1);
        tracker.SetConnectionId(scrapeOne, requester, number: 1);
        tracker.SetConnectionId(scrapeMany, requester, number: 1);
        UdpClientCodec.WriteConnect(connect, 1);
        // A dropped request would be faster.
        Invariant.Holds(Announce() > UdpServerCodec.AnnounceHeaderBytes && Connect() == UdpServerCodec.ConnectBytes);
        Invariant.Holds(ScrapeMany() == UdpServerCodec.ScrapeHeaderBytes + (Scraped * UdpServerCodec.ScrapeBytesEach));
    }

    [Benchmark]
    public int Announce() => tracker.Send(announce, requester);

    [Benchmark]
    public int ScrapeOne() => tracker.Send(scrapeOne, requester);

    [Benchmark]
    public int ScrapeMany() => tracker.Send(scrapeMany, requester);

    [Benchmark]
    public int Connect() => tracker.Send(connect, requester);
}
