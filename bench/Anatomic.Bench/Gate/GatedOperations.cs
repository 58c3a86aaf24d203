using Anatomic.Bench.Tracker;

namespace Anatomic.Bench.Gate;

/// <summary>The operations, and what is kept in memory, and their bounds. A bound above 0 says where its bytes come from.</summary>
internal static class GatedOperations
{
    private static readonly int[] SwarmSizes = [20, 100_000];

    public static IEnumerable<GatedOperation> All => [.. Udp(), .. Http(), .. Codecs(), .. ConnectionIds(), .. Store()];

    /// <summary>What is kept of many things. A node's ledger and what its partners do with an order, of the most that an order can name.</summary>
    public static IEnumerable<GatedRetention> Kept
    {
        get
        {
            const int orders = 100_000;
            yield return new GatedRetention("hold an order", 200, orders, static () => new RetainedOrders(orders));
        }
    }

    private static IEnumerable<GatedOperation> Udp() =>
        SwarmSizes.SelectMany(peers =>
        {
            var tracker = new Lazy<UdpTrackerBenchmarks>(() =>
            {
                var made = new UdpTrackerBenchmarks { Peers = peers };
                made.Prepare();
                return made;
            });
            return (IEnumerable<GatedOperation>)
                [
                    Of($"UDP announce, {peers:N0} peers", 0, tracker, made => made.Announce()),
                    Of($"UDP scrape of 1, {peers:N0} peers", 0, tracker, made => made.ScrapeOne()),
                    Of($"UDP scrape of 70, {peers:N0} peers", 0, tracker, made => made.ScrapeMany()),
                    Of($"UDP connect, {peers:N0} peers", 0, tracker, made => made.Connect()),
                ];
        });

    private static IEnumerable<GatedOperation> Http() =>
        SwarmSizes.SelectMany(peers =>
        {
            var tracker = new Lazy<HttpTrackerBenchmarks>(() =>
            {
                var made = new HttpTrackerBenchmarks { Peers = peers };
                made.Prepare();
                return made;
            });
            return (IEnumerable<GatedOperation>)
                [
                    Of($"HTTP announce, {peers:N0} peers", 0, tracker, made => made.Announce()),
                    // An address becomes text by way of an IPAddress: for the few clients that still ask so.
                    Of($"HTTP announce in full, {peers:N0} peers", 0, tracker, made => made.AnnounceNonCompact()),
                    Of($"HTTP scrape, {peers:N0} peers", 0, tracker, made => made.Scrape()),
                ];
        });

    private static IEnumerable<GatedOperation> Codecs()
    {
        var codecs = new Lazy<TrackerCodecBenchmarks>();
        yield return Of("read an HTTP announce", 0, codecs, made => made.ReadHttpAnnounce());
        yield return Of("read an HTTP scrape", 0, codecs, made => made.ReadHttpScrape());
        yield return Of("read a UDP announce", 0, codecs, made => made.ReadUdpAnnounce());
        yield return Of("write a UDP announce's reply", 0, codecs, made => made.WriteUdpAnnounce());
        yield return Of("write a UDP scrape's reply", 0, codecs, made => made.WriteUdpScrape());
        yield return Of("write an HTTP announce's reply", 0, codecs, made => made.WriteHttpAnnounce());
        yield return Of("write an HTTP scrape's reply", 0, codecs, made => made.WriteHttpScrape());
        yield return Of("write an HTTP failure", 0, codecs, made => made.WriteFailure());
    }

    private static IEnumerable<GatedOperation> ConnectionIds()
    {
        var ids = new Lazy<ConnectionIdBenchmarks>(() =>
        {
            var made = new ConnectionIdBenchmarks();
            made.Prepare();
            return made;
        });
        yield return Of("issue a connection id", 0, ids, made => made.Issue());
        yield return Of("take a connection id", 0, ids, made => made.ValidateNewest());
        yield return Of("refuse a connection id", 0, ids, made => made.RejectUnknown());
    }

    private static IEnumerable<GatedOperation> Store()
    {
        // The table of torrents grows when it is full, and what it was before is garbage; a sweep waits for its next step with a timer.
        var insertion = new Lazy<InsertionBenchmarks>();
        var expiry = new Lazy<ExpiryBenchmarks>();
        yield return Once(
            "insert a peer",
            128,
            InsertionBenchmarks.Announces,
            insertion,
            made => made.Prepare(),
            made => made.PeersOfOneTorrent()
        );
        yield return Once(
            "insert a torrent",
            128,
            InsertionBenchmarks.Announces,
            insertion,
            made => made.Prepare(),
            made => made.TorrentsOfOnePeer()
        );
        yield return Once(
            "sweep 100,000 fresh peers",
            4096,
            1,
            expiry,
            made => made.Prepare(),
            made => made.SweepFresh()
        );
        yield return Once(
            "sweep 100,000 expired peers",
            4096,
            1,
            expiry,
            made => made.Prepare(),
            made => made.SweepExpired()
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
                var made = bench.Value;
                return () => run(made);
            }
        );

    private static GatedOperation Once<TBench>(
        string name,
        double maxBytes,
        int atOnce,
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
            AtOnce = atOnce,
        };
}
