using Anatomic.Comparison.Load;
using Anatomic.Comparison.Measurements;
using Anatomic.Comparison.Servers;
using Anatomic.Comparison.Udp;

namespace Anatomic.Comparison.Scenarios;

/// <summary>The scenarios over UDP.</summary>
internal static class UdpScenarios
{
    private const int DefaultOutstanding = 64;

    /// <summary>Requests per second: about half of what opentracker answers on a slow machine.</summary>
    private const int SameRate = 40_000;

    public static IEnumerable<Scenario> All =>
        [
            Announce(1),
            Announce(DefaultOutstanding),
            Announce(512),
            Scrape(1),
            Scrape(70),
            new(
                "udp-connect",
                $"UDP connects, {DefaultOutstanding} outstanding",
                populations => populations.Even,
                HasUdp,
                (server, population, options, _) =>
                    ClosedLoop(
                        server,
                        new UdpConnectWorkload(population.Sources, rounds: 0),
                        population,
                        options,
                        DefaultOutstanding
                    )
            ),
            new(
                "udp-zipf",
                $"UDP announces to Zipf-distributed torrents, {DefaultOutstanding} outstanding",
                populations => populations.Zipf,
                HasUdp,
                (server, population, options, seed) =>
                    ClosedLoop(
                        server,
                        Announces(server, population, options, seed),
                        population,
                        options,
                        DefaultOutstanding
                    )
            ),
            new(
                "udp-v6",
                $"UDP announces over [::1], {DefaultOutstanding} outstanding",
                populations => populations.V6,
                server => server.UdpV6 is not null,
                (server, population, options, seed) =>
                    ClosedLoop(
                        server,
                        Announces(server, population, options, seed),
                        population,
                        options,
                        DefaultOutstanding
                    )
            ),
            new(
                "udp-latency",
                "UDP latency of announces at half of the server's own peak rate",
                populations => populations.Even,
                HasUdp,
                Latency
            ),
            new(
                "udp-latency-same",
                $"UDP latency of announces at {SameRate:N0}/s for every server",
                populations => populations.Even,
                HasUdp,
                (server, population, options, seed) =>
                {
                    using var load = new UdpLoad(server.UdpFor(population), population.Sources);
                    var workload = Announces(server, population, options, seed);
                    return Round.OfLatency(server, () => load.RunOpenLoop(workload, SameRate, options.Time));
                }
            ),
        ];

    private static Scenario Announce(int outstanding) =>
        new(
            $"udp-announce-{outstanding}",
            $"UDP announces, {outstanding} outstanding",
            populations => populations.Even,
            HasUdp,
            (server, population, options, seed) =>
                ClosedLoop(server, Announces(server, population, options, seed), population, options, outstanding)
        );

    private static Scenario Scrape(int hashes) =>
        new(
            $"udp-scrape-{hashes}",
            $"UDP scrapes of {hashes} {(hashes == 1 ? "hash" : "hashes")}, {DefaultOutstanding} outstanding",
            populations => populations.Even,
            HasUdp,
            (server, population, options, seed) =>
                ClosedLoop(
                    server,
                    new UdpScrapeWorkload(population, hashes, seed, options.Verify && server.IsTracker),
                    population,
                    options,
                    DefaultOutstanding
                )
        );

    private static UdpAnnounceWorkload Announces(
        Server server,
        Population population,
        ComparisonOptions options,
        ulong seed
    ) => new(population, seed, options.Verify && server.IsTracker);

    private static bool HasUdp(Server server) => server.Udp is not null;

    private static Round ClosedLoop(
        Server server,
        IUdpWorkload workload,
        Population population,
        ComparisonOptions options,
        int outstanding
    )
    {
        using var load = new UdpLoad(server.UdpFor(population), population.Sources);
        return Round.OfRate(server, () => load.RunClosedLoop(workload, outstanding, options.Time));
    }

    private static Round Latency(Server server, Population population, ComparisonOptions options, ulong seed)
    {
        using var load = new UdpLoad(server.UdpFor(population), population.Sources);
        var workload = Announces(server, population, options, seed);
        var peak = load.RunClosedLoop(workload, DefaultOutstanding, options.Time).Rate;
        return Round.OfLatency(server, () => load.RunOpenLoop(workload, peak / 2, options.Time));
    }
}
