using Anatomic.Peers.Load;
using Anatomic.Peers.Servers;
using Anatomic.Peers.Udp;

namespace Anatomic.Peers.Comparison;

/// <summary>Puts a population into a tracker.</summary>
internal static class Filling
{
    /// <summary>
    /// So many peers are announced with the same connection ids: BEP 15 lets a tracker refuse ids of more than two minutes.
    /// </summary>
    private const int PeersAtOnce = 100_000;

    /// <returns>What was lost on the way, and announced again.</returns>
    /// <exception cref="PeersException">The tracker refused some.</exception>
    public static LoadResult Fill(Server server, Population population)
    {
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
}
