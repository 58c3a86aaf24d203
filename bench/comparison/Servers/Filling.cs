using System.Diagnostics;
using Anatomic.Comparison.CommandLine;
using Anatomic.Comparison.Load;
using Anatomic.Comparison.Scenarios;
using Anatomic.Comparison.Udp;

namespace Anatomic.Comparison.Servers;

/// <summary>Puts a population into a tracker.</summary>
internal static class Filling
{
    /// <summary>
    /// So many peers are announced with the same connection ids: BEP 15 lets a tracker refuse ids of more than two minutes.
    /// </summary>
    private const int PeersAtOnce = 100_000;

    /// <summary>opentracker reads its list of torrents while it answers already; a million of them take a few seconds.</summary>
    private static readonly TimeSpan UntilItTakes = TimeSpan.FromSeconds(60);

    /// <returns>What was lost on the way, and announced again.</returns>
    /// <exception cref="PeersException">The tracker refused some.</exception>
    public static LoadResult Fill(Server server, Population population)
    {
        AwaitTaking(server, population);
        var sum = new LoadResult();
        for (var first = 0; first < population.Peers; first += PeersAtOnce)
        {
            using var load = new UdpLoad(UdpScenarios.AddressOf(server, population), population.Sources);
            var fill = new UdpFill(population, first, Math.Min(population.Peers, first + PeersAtOnce));
            sum.Lost += load.Finish(fill, outstanding: 64).Lost;
            if (fill.Refused > 0)
            {
                throw new PeersException($"{server.Name} refused {fill.Refused:N0} announces");
            }
        }
        return sum;
    }

    private static void AwaitTaking(Server server, Population population)
    {
        using var load = new UdpLoad(UdpScenarios.AddressOf(server, population), population.Sources);
        var since = Stopwatch.StartNew();
        while (true)
        {
            var fill = new UdpFill(population, 0, 1);
            load.Finish(fill, outstanding: 1);
            if (fill.Refused == 0 || since.Elapsed > UntilItTakes)
            {
                return;
            }
            Thread.Sleep(100);
        }
    }
}
