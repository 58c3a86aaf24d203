using Anatomic.Wire;
using BenchmarkDotNet.Attributes;

namespace Anatomic.Bench.Tracker;

/// <summary>The sweep that removes expired peers: one torrent, and therefore one shard, with 100,000 peers.</summary>
[MemoryDiagnoser]
public class ExpiryBenchmarks
{
    private const int Peers = 100_000;

    // A sweep of all shards takes 16 steps. The time between them does not change their cost.
    private const int Steps = 17;
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(3);

    private BenchTracker tracker = new();

    [IterationSetup]
    public void Prepare()
    {
        tracker = new BenchTracker();
        tracker.Fill(BenchTracker.SwarmOf(0), Peers);
        _ = tracker.Service.RunAsync(CancellationToken.None);
    }

    /// <summary>No peer has expired.</summary>
    [Benchmark]
    public int SweepFresh() => Sweep(TimeSpan.Zero, left: Peers);

    /// <summary>All peers have expired.</summary>
    [Benchmark]
    public int SweepExpired() => Sweep(tracker.Options.PeerTimeout * 2, left: 0);

    private int Sweep(TimeSpan silence, int left)
    {
        tracker.Clock.Jump(silence);
        for (var step = 0; step < Steps; step++)
        {
            tracker.Clock.Jump(Step);
        }
        var totals = tracker.Service.Totals(BenchTracker.SwarmOf(0));
        Invariant.Holds(totals.Seeds + totals.Leechers == left);
        return totals.Leechers;
    }
}
