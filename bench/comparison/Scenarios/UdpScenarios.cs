using System.Net;
using Anatomic.Comparison.CommandLine;
using Anatomic.Comparison.Load;
using Anatomic.Comparison.Measurements;
using Anatomic.Comparison.Servers;
using Anatomic.Comparison.Udp;

namespace Anatomic.Comparison.Scenarios;

/// <summary>The scenarios over UDP.</summary>
internal static class UdpScenarios
{
    private const int Usual = 64;

    /// <summary>A second; about half of what opentracker answers on a slow machine.</summary>
    private const int SameRate = 40_000;

    public static IEnumerable<Scenario> All =>
        [
            Announce(1),
            Announce(Usual),
            Announce(512),
            Scrape(1),
            Scrape(70),
            new(
                "udp-connect",
                $"UDP connects, {Usual} outstanding",
                all => all.Even,
                HasUdp,
                (server, population, options, _) =>
                    Closed(server, new UdpConnects(population.Sources, rounds: 0), population, options, Usual)
            ),
            new(
                "udp-zipf",
                $"UDP announces, {Usual} outstanding, torrents of a Zipf distribution",
                all => all.Zipf,
                HasUdp,
                (server, population, options, seed) =>
                    Closed(server, Announces(server, population, options, seed), population, options, Usual)
            ),
            new(
                "udp-v6",
                $"UDP announces over [::1], {Usual} outstanding",
                all => all.V6,
                server => server.UdpV6 is not null,
                (server, population, options, seed) =>
                    Closed(server, Announces(server, population, options, seed), population, options, Usual)
            ),
            new(
                "udp-latency",
                "UDP announces at half of the server's own peak, which is measured just before: from sent to answered",
                all => all.Even,
                HasUdp,
                Latency
            ),
            new(
                "udp-latency-same",
                $"UDP announces at {SameRate:N0}/s for each server: from sent to answered",
                all => all.Even,
                HasUdp,
                (server, population, options, seed) =>
                {
                    using var load = new UdpLoad(AddressOf(server, population), population.Sources);
                    var work = Announces(server, population, options, seed);
                    return Round.OfLatency(server, () => load.Open(work, SameRate, options.Time));
                }
            ),
        ];

    /// <summary>The server's address for this population: one source means IPv6.</summary>
    public static IPEndPoint AddressOf(Server server, Population population) =>
        (population.Sources == 1 ? server.UdpV6 : server.Udp)
        ?? throw new PeersException($"{server.Name} does not speak UDP there");

    private static Scenario Announce(int outstanding) =>
        new(
            $"udp-announce-{outstanding}",
            $"UDP announces, {outstanding} outstanding",
            all => all.Even,
            HasUdp,
            (server, population, options, seed) =>
                Closed(server, Announces(server, population, options, seed), population, options, outstanding)
        );

    private static Scenario Scrape(int hashes) =>
        new(
            $"udp-scrape-{hashes}",
            $"UDP scrapes of {hashes} {(hashes == 1 ? "hash" : "hashes")}, {Usual} outstanding",
            all => all.Even,
            HasUdp,
            (server, population, options, seed) =>
                Closed(
                    server,
                    new UdpScrapes(population, hashes, seed, options.Verify && server.IsTracker),
                    population,
                    options,
                    Usual
                )
        );

    private static UdpAnnounces Announces(
        Server server,
        Population population,
        ComparisonOptions options,
        ulong seed
    ) => new(population, seed, options.Verify && server.IsTracker);

    private static bool HasUdp(Server server) => server.Udp is not null;

    private static Round Closed(
        Server server,
        IUdpWork work,
        Population population,
        ComparisonOptions options,
        int outstanding
    )
    {
        using var load = new UdpLoad(AddressOf(server, population), population.Sources);
        return Round.OfRate(server, () => load.Closed(work, outstanding, options.Time));
    }

    private static Round Latency(Server server, Population population, ComparisonOptions options, ulong seed)
    {
        using var load = new UdpLoad(AddressOf(server, population), population.Sources);
        var work = Announces(server, population, options, seed);
        var peak = load.Closed(work, Usual, options.Time).Rate;
        return Round.OfLatency(server, () => load.Open(work, peak / 2, options.Time));
    }
}
