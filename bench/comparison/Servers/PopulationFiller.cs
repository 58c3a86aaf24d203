using System.Diagnostics;
using Anatomic.Comparison.CommandLine;
using Anatomic.Comparison.Load;
using Anatomic.Comparison.Udp;

namespace Anatomic.Comparison.Servers;

/// <summary>Announces a whole population to a tracker.</summary>
internal static class PopulationFiller
{
    /// <summary>Peers per set of connection ids: BEP 15 lets a tracker reject ids older than two minutes.</summary>
    private const int PeersPerBatch = 100_000;

    /// <summary>
    /// opentracker replies while it still reads its whitelist; a million torrents take a few seconds.
    /// </summary>
    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromSeconds(60);

    /// <returns>Counts the announces that were lost and repeated.</returns>
    /// <exception cref="ComparisonException">The tracker rejected announces.</exception>
    public static LoadResult Fill(Server server, Population population)
    {
        AwaitReady(server, population);
        var sum = new LoadResult();
        for (var first = 0; first < population.Peers; first += PeersPerBatch)
        {
            using var load = new UdpLoad(server.UdpFor(population), population.Sources);
            var fill = new UdpFillWorkload(population, first, Math.Min(population.Peers, first + PeersPerBatch));
            sum.Lost += load.RunToCompletion(fill, outstanding: 64).Lost;
            if (fill.Rejected > 0)
            {
                throw new ComparisonException($"{server.Name} rejected {fill.Rejected:N0} announces");
            }
        }
        return sum;
    }

    private static void AwaitReady(Server server, Population population)
    {
        using var load = new UdpLoad(server.UdpFor(population), population.Sources);
        var since = Stopwatch.StartNew();
        while (true)
        {
            var fill = new UdpFillWorkload(population, 0, 1);
            load.RunToCompletion(fill, outstanding: 1);
            if (fill.Rejected == 0 || since.Elapsed > ReadyTimeout)
            {
                return;
            }
            Thread.Sleep(100);
        }
    }
}
