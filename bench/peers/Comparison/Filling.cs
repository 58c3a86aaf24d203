using Anatomic.Peers.Load;
using Anatomic.Peers.Udp;

namespace Anatomic.Peers.Comparison;

/// <summary>Puts a population into a tracker.</summary>
internal static class Filling
{
    /// <exception cref="PeersException">The tracker refused some.</exception>
    public static LoadResult Fill(UdpLoad load, Population population)
    {
        var fill = new UdpFill(population);
        var result = load.Finish(fill, outstanding: 64);
        return fill.Refused == 0
            ? result
            : throw new PeersException($"the tracker refused {fill.Refused:N0} of {population.Peers:N0} announces");
    }
}
