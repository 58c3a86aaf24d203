namespace Anatomic.Comparison.Load;

/// <summary>The populations of all scenarios; each is created on first use.</summary>
internal sealed class Populations(int torrents, int peers)
{
    /// <summary>[::1] is a single address with 65,535 ports, shared by up to 10,000 torrents.</summary>
    public const int PeersPerTorrentV6 = 6;

    private readonly Lazy<Population> even = new(() => Population.Even("even", torrents, peers));
    private readonly Lazy<Population> zipf = new(() => Population.Zipf("zipf", torrents, peers));
    private readonly Lazy<Population> v6 = new(() =>
    {
        var torrentsV6 = Math.Min(torrents, ushort.MaxValue / PeersPerTorrentV6);
        return Population.Even("v6", torrentsV6, torrentsV6 * PeersPerTorrentV6, sources: 1);
    });

    /// <summary>The same number of peers in each torrent.</summary>
    public Population Even => even.Value;

    /// <summary>A few huge swarms and many tiny ones.</summary>
    public Population Zipf => zipf.Value;

    /// <summary>Peers of [::1].</summary>
    public Population V6 => v6.Value;
}
