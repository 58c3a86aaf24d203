using Anatomic.Comparison.Http;
using Anatomic.Comparison.Load;
using Anatomic.Comparison.Measurements;
using Anatomic.Comparison.Servers;

namespace Anatomic.Comparison.Scenarios;

/// <summary>The scenarios over HTTP.</summary>
internal static class HttpScenarios
{
    private const int Connections = 64;

    /// <summary>Requests per second: about half of what opentracker answers with one connection each.</summary>
    private const int SameRate = 20_000;

    public static IEnumerable<Scenario> All =>
        [
            new(
                "http-keepalive",
                $"HTTP announces over {Connections} keep-alive connections (if the server keeps them)",
                populations => populations.Even,
                HasHttp,
                (server, population, options, seed) =>
                    ClosedLoop(
                        server,
                        Announces(server, population, options, seed, keepAlive: true),
                        options,
                        keepAlive: true
                    )
            ),
            new(
                "http-single",
                $"HTTP announces with one connection each, {Connections} at once",
                populations => populations.Even,
                HasHttp,
                (server, population, options, seed) =>
                    ClosedLoop(
                        server,
                        Announces(server, population, options, seed, keepAlive: false),
                        options,
                        keepAlive: false
                    )
            ),
            new(
                "http-scrape",
                $"HTTP scrapes of one torrent over {Connections} keep-alive connections",
                populations => populations.Even,
                server => server is { IsTracker: true, Http: not null },
                (server, population, options, seed) =>
                    ClosedLoop(server, new HttpScrapeWorkload(population, seed), options, keepAlive: true)
            ),
            new(
                "http-latency",
                "HTTP latency of announces at half of the server's own peak rate",
                populations => populations.Even,
                HasHttp,
                Latency
            ),
            new(
                "http-latency-same",
                $"HTTP latency of announces at {SameRate:N0}/s for every server",
                populations => populations.Even,
                HasHttp,
                (server, population, options, seed) =>
                {
                    var workload = Announces(server, population, options, seed, keepAlive: true);
                    using var load = new HttpLoad(server.Http!, Connections, keepAlive: true, workload);
                    return Round.OfLatency(server, () => load.RunOpenLoop(SameRate, options.Time));
                }
            ),
        ];

    private static bool HasHttp(Server server) => server.Http is not null;

    private static HttpAnnounceWorkload Announces(
        Server server,
        Population population,
        ComparisonOptions options,
        ulong seed,
        bool keepAlive
    ) => new(population, seed, options.Verify && server.IsTracker, keepAlive);

    private static Round ClosedLoop(Server server, IHttpWorkload workload, ComparisonOptions options, bool keepAlive)
    {
        using var load = new HttpLoad(server.Http!, Connections, keepAlive, workload);
        return Round.OfRate(server, () => load.RunClosedLoop(options.Time));
    }

    private static Round Latency(Server server, Population population, ComparisonOptions options, ulong seed)
    {
        var workload = Announces(server, population, options, seed, keepAlive: true);
        using var load = new HttpLoad(server.Http!, Connections, keepAlive: true, workload);
        var peak = load.RunClosedLoop(options.Time).Rate;
        return Round.OfLatency(server, () => load.RunOpenLoop(peak / 2, options.Time));
    }
}
