using Anatomic.Wire;
using BenchmarkDotNet.Attributes;

namespace Anatomic.Bench.Tracker;

/// <summary>Requests to the HTTP front end, from the bytes of a head to the bytes of the response.</summary>
[MemoryDiagnoser]
public class HttpTrackerBenchmarks
{
    private readonly BenchTracker tracker = new();
    private readonly Hash20 swarm = BenchTracker.SwarmOf(0);
    private readonly Endpoint requester = BenchTracker.PeerOf(1);
    private byte[] announce = [];
    private byte[] announceNonCompact = [];
    private byte[] scrape = [];

    /// <summary>The size of the swarm.</summary>
    [Params(20, 100_000)]
    public int Peers { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        tracker.Fill(swarm, Peers);
        announce = BenchTracker.AnnounceHead(swarm);
        announceNonCompact = BenchTracker.AnnounceHead(swarm, compact: false);
        scrape = BenchTracker.ScrapeHead(swarm);
        // A rejection would be shorter.
        Invariant.Holds(Announce() > 200 && AnnounceNonCompact() > Announce() && Scrape() > 150);
    }

    [Benchmark]
    public int Announce() => tracker.Get(announce, requester);

    /// <summary>With <c>compact=0</c>: the peers are dictionaries.</summary>
    [Benchmark]
    public int AnnounceNonCompact() => tracker.Get(announceNonCompact, requester);

    [Benchmark]
    public int Scrape() => tracker.Get(scrape, requester);
}
