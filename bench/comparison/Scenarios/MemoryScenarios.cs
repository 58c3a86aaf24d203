using Anatomic.Comparison.Load;
using Anatomic.Comparison.Measurements;
using Anatomic.Comparison.Servers;
using Anatomic.Comparison.Udp;

namespace Anatomic.Comparison.Scenarios;

/// <summary>
/// The memory of peers and torrents: each tracker is started afresh for each scenario and filled once.
/// </summary>
internal static class MemoryScenarios
{
    private const double MiB = 1024 * 1024;

    // Compiles the code and allocates buffers before the empty process is measured. Scrapes leave no state behind.
    private const int WarmUpScrapes = 100_000;

    /// <summary>A garbage collector trims after growth; every server gets the same time for it.</summary>
    private static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(15);

    public static IReadOnlyList<(string Name, string About, Func<ComparisonOptions, Population> Make)> All { get; } =
    [
        (
            "memory-peers",
            "Memory per peer in the usual torrents, beyond the empty process",
            options => Population.Even("memory-peers", options.Torrents, options.Peers)
        ),
        (
            "memory-torrents",
            "Memory per torrent of one peer, beyond the empty process",
            options => Population.Even("memory-torrents", options.Peers, options.Peers)
        ),
        (
            "memory-one",
            "Memory per peer in a single torrent, beyond the empty process",
            options => Population.Even("memory-one", 1, options.Peers)
        ),
    ];

    public static Round Run(Server server, Population population)
    {
        using var load = new UdpLoad(server.UdpFor(population), population.Sources);
        var scrapes = new UdpScrapeWorkload(population, hashes: 1, seed: 1, verify: false);
        for (var done = 0L; done < WarmUpScrapes; )
        {
            done += load.RunClosedLoop(scrapes, 64, TimeSpan.FromMilliseconds(250)).Answered;
        }
        var (anonymous, resident) = (server.AnonymousBytes, server.ResidentBytes);
        var round = Round.Of(server, () => PopulationFiller.Fill(server, population), (_, _) => []);
        var filled = server.AnonymousBytes;
        load.RunClosedLoop(scrapes, 1, SettleTime);
        return round with
        {
            Values =
            [
                PerPeer(Metrics.AfterFilling, filled - anonymous),
                PerPeer(Metrics.Anonymous, server.AnonymousBytes - anonymous),
                PerPeer(Metrics.Resident, server.ResidentBytes - resident),
                new Measurement(Metrics.ProcessAnonymous, "MiB", server.AnonymousBytes / MiB),
                new Measurement(Metrics.ProcessResident, "MiB", server.ResidentBytes / MiB),
                new Measurement(Metrics.EmptyProcessResident, "MiB", resident / MiB),
            ],
        };

        Measurement PerPeer(string metric, long bytes) => new(metric, "B/peer", (double)bytes / population.Peers);
    }
}
