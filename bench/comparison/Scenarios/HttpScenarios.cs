using Anatomic.Comparison.Http;
using Anatomic.Comparison.Load;
using Anatomic.Comparison.Measurements;
using Anatomic.Comparison.Servers;

namespace Anatomic.Comparison.Scenarios;

/// <summary>The scenarios over HTTP.</summary>
internal static class HttpScenarios
{
    private const int Connections = 64;

    /// <summary>A second; about half of what opentracker answers with a connection each.</summary>
    private const int SameRate = 20_000;

    public static IEnumerable<Scenario> All =>
        [
            new(
                "http-keepalive",
                $"HTTP announces, {Connections} connections that are kept (if the server keeps them)",
                all => all.Even,
                HasHttp,
                (server, population, options, seed) =>
                    Closed(server, Announces(server, population, options, seed, stays: true), options, keeps: true)
            ),
            new(
                "http-single",
                $"HTTP announces, a connection each, {Connections} at once",
                all => all.Even,
                HasHttp,
                (server, population, options, seed) =>
                    Closed(server, Announces(server, population, options, seed, stays: false), options, keeps: false)
            ),
            new(
                "http-scrape",
                $"HTTP scrapes of one torrent, {Connections} connections that are kept",
                all => all.Even,
                server => server is { IsTracker: true, Http: not null },
                (server, population, options, seed) =>
                    Closed(server, new HttpScrapes(population, seed), options, keeps: true)
            ),
            new(
                "http-latency",
                "HTTP announces at half of the server's own peak, which is measured just before: from sent to answered",
                all => all.Even,
                HasHttp,
                Latency
            ),
            new(
                "http-latency-same",
                $"HTTP announces at {SameRate:N0}/s for each server: from sent to answered",
                all => all.Even,
                HasHttp,
                (server, population, options, seed) =>
                {
                    var work = Announces(server, population, options, seed, stays: true);
                    using var load = new HttpLoad(server.Http!, Connections, keeps: true, work);
                    return Round.OfLatency(server, () => load.Open(SameRate, options.Time));
                }
            ),
        ];

    private static bool HasHttp(Server server) => server.Http is not null;

    private static HttpAnnounces Announces(
        Server server,
        Population population,
        ComparisonOptions options,
        ulong seed,
        bool stays
    ) => new(population, seed, options.Verify && server.IsTracker, stays);

    private static Round Closed(Server server, IHttpWork work, ComparisonOptions options, bool keeps)
    {
        using var load = new HttpLoad(server.Http!, Connections, keeps, work);
        return Round.OfRate(server, () => load.Closed(options.Time));
    }

    private static Round Latency(Server server, Population population, ComparisonOptions options, ulong seed)
    {
        var work = Announces(server, population, options, seed, stays: true);
        using var load = new HttpLoad(server.Http!, Connections, keeps: true, work);
        var peak = load.Closed(options.Time).Rate;
        return Round.OfLatency(server, () => load.Open(peak / 2, options.Time));
    }
}
