using Anatomic.Engine.Torrents;

namespace Anatomic.Simulation.Scenarios.Swarms;

/// <summary>Peers that do no good, and bounds that hold.</summary>
public static class HostileScenarios
{
    /// <summary>A peer sends wrong blocks: it is banned, says why, is not dialled again, and the download ends well.</summary>
    public static async Task CorruptPeerIsBanned(Universe universe)
    {
        var lab = await SwarmLab.BuildAsync(universe, LabContent.OneFile(universe.Entropy));
        var liar = await AddPeerAsync(lab, PeerManner.Corrupts);
        var victim = lab.AddClient("victim");
        await victim.StartAsync(lab.Download with { Peers = [liar.At] });
        await universe.WaitUntilAsync(
            () => lab.Describe(),
            () => victim.Status.Partings.Any(parting => parting.Contains("wrong piece", StringComparison.Ordinal)),
            SwarmLab.Patience
        );
        await lab.SeedAsync();
        await lab.FinishAsync(victim);
        await universe.WaitAsync(TimeSpan.FromMinutes(5));
        Village.Require(liar.Visits == 1, $"the banned peer was dialled {liar.Visits} times");
    }

    /// <summary>With good peers beside it, a peer of wrong blocks is found out by pieces that one peer alone gives.</summary>
    public static async Task CorruptPeerAmongGoodOnes(Universe universe)
    {
        var lab = await SwarmLab.BuildAsync(universe, LabContent.OneFile(universe.Entropy, bytes: 2_000_000));
        await lab.SeedAsync();
        var liar = await AddPeerAsync(lab, PeerManner.Corrupts);
        var victim = lab.AddClient("victim");
        await victim.StartAsync(lab.Download with { Peers = [liar.At] });
        await lab.FinishAsync(victim);
        Village.Require(liar.Asked > 0, "the peer of wrong blocks was never asked");
        Village.Require(
            victim.Status.Downloaded < 3 * lab.Content.Size,
            $"{victim.Status.Downloaded:N0} bytes were fetched for {lab.Content.Size:N0}"
        );
    }

    /// <summary>A peer takes requests and answers none: the others give its blocks, well before it counts as snubbing.</summary>
    public static async Task SilentPeerStallsNothing(Universe universe)
    {
        var lab = await SwarmLab.BuildAsync(universe, LabContent.OneFile(universe.Entropy, bytes: 1_000_000));
        var silent = await AddPeerAsync(lab, PeerManner.KeepsSilent);
        var leecher = lab.AddClient("leecher");
        await leecher.StartAsync(lab.Download with { Peers = [silent.At] });
        await universe.WaitUntilAsync(lab.Describe, () => silent.Asked > 0, SwarmLab.Patience);
        await lab.SeedAsync();
        var since = universe.Now;
        await universe.WaitUntilAsync(lab.Describe, () => leecher.Status.Done > 0, SwarmLab.Patience);
        await lab.FinishAsync(leecher);
        var took = universe.Now - since;
        Village.Require(took < TimeSpan.FromSeconds(40), $"it took {took.TotalSeconds:F1} s beside a silent peer");
    }

    /// <summary>A download limit holds, and is used.</summary>
    public static Task DownloadLimitHolds(Universe universe) => LimitHoldsAsync(universe, down: true);

    /// <summary>An upload limit holds over several peers together, and is used.</summary>
    public static Task UploadLimitHolds(Universe universe) => LimitHoldsAsync(universe, down: false);

    private static async Task LimitHoldsAsync(Universe universe, bool down)
    {
        const long limit = 200_000;
        const int bytes = 2_000_000;
        var lab = await SwarmLab.BuildAsync(universe, LabContent.OneFile(universe.Entropy, bytes));
        await lab.SeedAsync(options => down ? options : options with { MaxUpBytesPerSecond = limit });
        var leecher = lab.AddClient("leecher");
        await leecher.StartAsync(
            lab.Download with
            {
                Peers = [lab.Seeder.At.ToString()],
            },
            options => down ? options with { MaxDownBytesPerSecond = limit } : options
        );
        await universe.WaitUntilAsync(
            lab.Describe,
            () => leecher.Status.State == TorrentState.Downloading,
            SwarmLab.Patience
        );
        var since = universe.Now;
        await lab.FinishAsync(leecher);
        var took = (universe.Now - since).TotalSeconds;
        // A burst of a quarter second may pass at once; connecting and the last pieces take their time.
        const double least = (bytes / (double)limit) - 0.5;
        Village.Require(took > least, $"{bytes:N0} bytes took {took:F1} s at {limit:N0} bytes a second");
        Village.Require(took < (1.3 * least) + 3, $"{bytes:N0} bytes took {took:F1} s at {limit:N0} bytes a second");
    }

    private static async Task<LabPeer> AddPeerAsync(SwarmLab lab, PeerManner manner)
    {
        var peer = new LabPeer(lab.Universe.AddHost("bad-peer", "10.6.0.1"), lab.Metainfo, manner);
        await peer.StartAsync();
        return peer;
    }
}
