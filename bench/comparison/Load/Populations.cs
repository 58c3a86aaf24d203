using Anatomic.Comparison.Scenarios;

namespace Anatomic.Comparison.Load;

/// <summary>The populations of all scenarios; each is made when it is first asked for.</summary>
internal sealed class Populations(ComparisonOptions options)
{
    /// <summary>One address has 65,535 ports, and 10,000 torrents share them.</summary>
    public const int PeersATorrentV6 = 6;

    private readonly Lazy<Population> even = new(() => Population.Even("even", options.Torrents, options.Peers));
    private readonly Lazy<Population> zipf = new(() => Population.Zipf("zipf", options.Torrents, options.Peers));
    private readonly Lazy<Population> v6 = new(() =>
    {
        var torrents = Math.Min(options.Torrents, ushort.MaxValue / PeersATorrentV6);
        return Population.Even("v6", torrents, torrents * PeersATorrentV6, sources: 1);
    });

    public Population Even => even.Value;

    public Population Zipf => zipf.Value;

    /// <summary>Peers of [::1].</summary>
    public Population V6 => v6.Value;
}
