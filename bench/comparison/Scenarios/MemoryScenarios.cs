using Anatomic.Comparison.Load;
using Anatomic.Comparison.Measurements;
using Anatomic.Comparison.Servers;
using Anatomic.Comparison.Udp;

namespace Anatomic.Comparison.Scenarios;

/// <summary>What peers and torrents cost in memory: each tracker is started anew for each, and filled once.</summary>
internal static class MemoryScenarios
{
    /// <summary>Of the whole process.</summary>
    public const string AnonymousInAll = "anonymous in all";

    // So that code is compiled and buffers are there before the empty process is measured; leaves no state behind.
    private const int WarmUpScrapes = 100_000;

    public static IReadOnlyList<(string Name, string About, Func<ComparisonOptions, Population> Make)> All { get; } =
    [
        (
            "memory-peers",
            "memory of the peers in the usual torrents, above that of the empty process",
            options => Population.Even("memory-peers", options.Torrents, options.Peers)
        ),
        (
            "memory-torrents",
            "memory of as many torrents of one peer each",
            options => Population.Even("memory-torrents", options.Peers, options.Peers)
        ),
        (
            "memory-one",
            "memory of as many peers in one torrent",
            options => Population.Even("memory-one", 1, options.Peers)
        ),
    ];

    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(15);

    public static Round Run(Server server, Population population)
    {
        using var load = new UdpLoad(UdpScenarios.AddressOf(server, population), population.Sources);
        var scrapes = new UdpScrapes(population, hashes: 1, seed: 1, verify: false);
        for (var done = 0L; done < WarmUpScrapes; )
        {
            done += load.Closed(scrapes, 64, TimeSpan.FromMilliseconds(250)).Answered;
        }
        var (anonymous, resident) = (server.AnonymousBytes, server.ResidentBytes);
        var round = Round.Of(server, () => Filling.Fill(server, population), (_, _) => []);
        var filled = server.AnonymousBytes;
        // A garbage collector tidies up behind growth; every server is given the same time, and asked on meanwhile.
        load.Closed(scrapes, 1, Rest);
        return round with
        {
            Figures =
            [
                new Figure("just filled", "B each", PerPeer(filled - anonymous, population)),
                new Figure("anonymous", "B each", PerPeer(server.AnonymousBytes - anonymous, population)),
                new Figure("resident", "B each", PerPeer(server.ResidentBytes - resident, population)),
                new Figure(AnonymousInAll, "MiB", server.AnonymousBytes / (1024.0 * 1024)),
                new Figure("resident in all", "MiB", server.ResidentBytes / (1024.0 * 1024)),
                new Figure("empty, resident", "MiB", resident / (1024.0 * 1024)),
            ],
        };
    }

    private static double PerPeer(long bytes, Population population) => (double)bytes / population.Peers;
}
