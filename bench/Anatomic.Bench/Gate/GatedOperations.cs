using Anatomic.Bench.Tracker;

namespace Anatomic.Bench.Gate;

/// <summary>All operations and retained objects, with their limits. A limit above 0 has its reason beside it.</summary>
internal static class GatedOperations
{
    private static readonly int[] SwarmSizes = [20, 100_000];

    public static IEnumerable<GatedOperation> All => [.. Udp(), .. Http(), .. Codecs(), .. ConnectionIds(), .. Store()];

    /// <summary>
    /// Memory that objects retain. Per order: the ledger, and the state of sharing with the maximum number of partners.
    /// </summary>
    public static IEnumerable<GatedRetention> Retained
    {
        get
        {
            const int orders = 100_000;
            yield return new GatedRetention("retain an order", 200, orders, static () => new RetainedOrders(orders));
        }
    }

    private static IEnumerable<GatedOperation> Udp() =>
        SwarmSizes.SelectMany(peers =>
        {
            var tracker = new Lazy<UdpTrackerBenchmarks>(() =>
            {
                var benchmark = new UdpTrackerBenchmarks { Peers = peers };
                benchmark.Prepare();
                return benchmark;
            });
            return (IEnumerable<GatedOperation>)
                [
                    Of($"UDP announce, {peers:N0} peers", 0, tracker, benchmark => benchmark.Announce()),
                    Of($"UDP scrape of 1, {peers:N0} peers", 0, tracker, benchmark => benchmark.ScrapeOne()),
                    Of($"UDP scrape of 70, {peers:N0} peers", 0, tracker, benchmark => benchmark.ScrapeMany()),
                    Of($"UDP connect, {peers:N0} peers", 0, tracker, benchmark => benchmark.Connect()),
                ];
        });

    private static IEnumerable<GatedOperation> Http() =>
        SwarmSizes.SelectMany(peers =>
        {
            var tracker = new Lazy<HttpTrackerBenchmarks>(() =>
            {
                var benchmark = new HttpTrackerBenchmarks { Peers = peers };
                benchmark.Prepare();
                return benchmark;
            });
            return (IEnumerable<GatedOperation>)
                [
                    Of($"HTTP announce, {peers:N0} peers", 0, tracker, benchmark => benchmark.Announce()),
                    // With compact=0, which few clients still send, every address is formatted as text.
                    Of(
                        $"non-compact HTTP announce, {peers:N0} peers",
                        0,
                        tracker,
                        benchmark => benchmark.AnnounceNonCompact()
                    ),
                    Of($"HTTP scrape, {peers:N0} peers", 0, tracker, benchmark => benchmark.Scrape()),
                ];
        });

    private static IEnumerable<GatedOperation> Codecs()
    {
        var codecs = new Lazy<TrackerCodecBenchmarks>();
        yield return Of("read an HTTP announce", 0, codecs, benchmark => benchmark.ReadHttpAnnounce());
        yield return Of("read an HTTP scrape", 0, codecs, benchmark => benchmark.ReadHttpScrape());
        yield return Of("read a UDP announce", 0, codecs, benchmark => benchmark.ReadUdpAnnounce());
        yield return Of("write a UDP announce's reply", 0, codecs, benchmark => benchmark.WriteUdpAnnounce());
        yield return Of("write a UDP scrape's reply", 0, codecs, benchmark => benchmark.WriteUdpScrape());
        yield return Of("write an HTTP announce's reply", 0, codecs, benchmark => benchmark.WriteHttpAnnounce());
        yield return Of("write an HTTP scrape's reply", 0, codecs, benchmark => benchmark.WriteHttpScrape());
        yield return Of("write an HTTP failure", 0, codecs, benchmark => benchmark.WriteFailure());
    }

    private static IEnumerable<GatedOperation> ConnectionIds()
    {
        var ids = new Lazy<ConnectionIdBenchmarks>(() =>
        {
            var benchmark = new ConnectionIdBenchmarks();
            benchmark.Prepare();
            return benchmark;
        });
        yield return Of("issue a connection id", 0, ids, benchmark => benchmark.Issue());
        yield return Of("validate a connection id", 0, ids, benchmark => benchmark.ValidateNewest());
        yield return Of("reject a connection id", 0, ids, benchmark => benchmark.RejectUnknown());
    }

    private static IEnumerable<GatedOperation> Store()
    {
        // The tables grow by allocating larger arrays. A sweep allocates the timer for its next step.
        var insertion = new Lazy<InsertionBenchmarks>();
        var expiry = new Lazy<ExpiryBenchmarks>();
        yield return Once(
            "insert a peer",
            128,
            InsertionBenchmarks.Announces,
            insertion,
            benchmark => benchmark.Prepare(),
            benchmark => benchmark.PeersOfOneTorrent()
        );
        yield return Once(
            "insert a torrent",
            128,
            InsertionBenchmarks.Announces,
            insertion,
            benchmark => benchmark.Prepare(),
            benchmark => benchmark.TorrentsOfOnePeer()
        );
        yield return Once(
            "sweep 100,000 fresh peers",
            4096,
            1,
            expiry,
            benchmark => benchmark.Prepare(),
            benchmark => benchmark.SweepFresh()
        );
        yield return Once(
            "sweep 100,000 expired peers",
            4096,
            1,
            expiry,
            benchmark => benchmark.Prepare(),
            benchmark => benchmark.SweepExpired()
        );
    }

    private static GatedOperation Of<TBench, TResult>(
        string name,
        double maxBytes,
        Lazy<TBench> bench,
        Func<TBench, TResult> run
    ) =>
        new(
            name,
            maxBytes,
            () =>
            {
                var benchmark = bench.Value;
                return () => run(benchmark);
            }
        );

    private static GatedOperation Once<TBench>(
        string name,
        double maxBytes,
        int operationsPerRun,
        Lazy<TBench> bench,
        Action<TBench> prepare,
        Func<TBench, int> run
    ) =>
        new(
            name,
            maxBytes,
            () =>
            {
                prepare(bench.Value);
                return () => run(bench.Value);
            }
        )
        {
            OperationsPerRun = operationsPerRun,
        };
}
