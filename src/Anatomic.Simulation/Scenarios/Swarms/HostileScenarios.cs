using Anatomic.Engine.Torrents;
using Anatomic.Simulation.Scenarios.EndToEnd;

namespace Anatomic.Simulation.Scenarios.Swarms;

/// <summary>Peers that do no good, and bounds that hold.</summary>
public static class HostileScenarios
{
    /// <summary>A peer sends wrong blocks: it is banned, says why, is not dialled again, and the download ends well.</summary>
    public static async Task CorruptPeerIsBanned(Simulator simulator)
    {
        var testSwarm = await TestSwarm.BuildAsync(simulator, SwarmContent.OneFile(simulator.Entropy));
        var liar = await AddPeerAsync(testSwarm, PeerFault.CorruptBlocks);
        var victim = testSwarm.AddClient("victim");
        await victim.StartAsync(testSwarm.Download with { Peers = [liar.At] });
        await simulator.WaitUntilAsync(
            () => testSwarm.Describe(),
            () =>
                victim.Status.RecentDisconnects.Any(parting =>
                    parting.Contains("wrong piece", StringComparison.Ordinal)
                ),
            TestSwarm.Patience
        );
        await testSwarm.SeedAsync();
        await testSwarm.FinishAsync(victim);
        await simulator.WaitAsync(TimeSpan.FromMinutes(5));
        TestNetwork.Require(
            liar.ConnectionsReceived == 1,
            $"the banned peer was dialled {liar.ConnectionsReceived} times"
        );
    }

    /// <summary>With good peers beside it, a peer of wrong blocks is found out by pieces that one peer alone gives.</summary>
    public static async Task CorruptPeerAmongGoodOnes(Simulator simulator)
    {
        var testSwarm = await TestSwarm.BuildAsync(
            simulator,
            SwarmContent.OneFile(simulator.Entropy, bytes: 2_000_000)
        );
        await testSwarm.SeedAsync();
        var liar = await AddPeerAsync(testSwarm, PeerFault.CorruptBlocks);
        var victim = testSwarm.AddClient("victim");
        await victim.StartAsync(testSwarm.Download with { Peers = [liar.At] });
        await testSwarm.FinishAsync(victim);
        TestNetwork.Require(liar.RequestsReceived > 0, "the peer of wrong blocks was never asked");
        TestNetwork.Require(
            victim.Status.Downloaded < 3 * testSwarm.Content.Size,
            $"{victim.Status.Downloaded:N0} bytes were fetched for {testSwarm.Content.Size:N0}"
        );
    }

    /// <summary>A peer takes requests and answers none: the others give its blocks, well before it counts as snubbing.</summary>
    public static async Task SilentPeerStallsNothing(Simulator simulator)
    {
        var testSwarm = await TestSwarm.BuildAsync(
            simulator,
            SwarmContent.OneFile(simulator.Entropy, bytes: 1_000_000)
        );
        var silent = await AddPeerAsync(testSwarm, PeerFault.NoResponse);
        var leecher = testSwarm.AddClient("leecher");
        await leecher.StartAsync(testSwarm.Download with { Peers = [silent.At] });
        await simulator.WaitUntilAsync(testSwarm.Describe, () => silent.RequestsReceived > 0, TestSwarm.Patience);
        await testSwarm.SeedAsync();
        var since = simulator.Now;
        await simulator.WaitUntilAsync(testSwarm.Describe, () => leecher.Status.Done > 0, TestSwarm.Patience);
        await testSwarm.FinishAsync(leecher);
        var took = simulator.Now - since;
        TestNetwork.Require(took < TimeSpan.FromSeconds(40), $"it took {took.TotalSeconds:F1} s beside a silent peer");
    }

    /// <summary>A download limit holds, and is used.</summary>
    public static Task DownloadLimitHolds(Simulator simulator) => LimitHoldsAsync(simulator, down: true);

    /// <summary>An upload limit holds over several peers together, and is used.</summary>
    public static Task UploadLimitHolds(Simulator simulator) => LimitHoldsAsync(simulator, down: false);

    private static async Task LimitHoldsAsync(Simulator simulator, bool down)
    {
        const long limit = 200_000;
        const int bytes = 2_000_000;
        var testSwarm = await TestSwarm.BuildAsync(simulator, SwarmContent.OneFile(simulator.Entropy, bytes));
        await testSwarm.SeedAsync(options => down ? options : options with { MaxUploadBytesPerSecond = limit });
        var leecher = testSwarm.AddClient("leecher");
        await leecher.StartAsync(
            testSwarm.Download with
            {
                Peers = [testSwarm.Seeder.At.ToString()],
            },
            options => down ? options with { MaxDownloadBytesPerSecond = limit } : options
        );
        await simulator.WaitUntilAsync(
            testSwarm.Describe,
            () => leecher.Status.State == TorrentState.Downloading,
            TestSwarm.Patience
        );
        var since = simulator.Now;
        await testSwarm.FinishAsync(leecher);
        var took = (simulator.Now - since).TotalSeconds;
        // A burst of a quarter second may pass at once; connecting and the last pieces take their time.
        const double least = (bytes / (double)limit) - 0.5;
        TestNetwork.Require(took > least, $"{bytes:N0} bytes took {took:F1} s at {limit:N0} bytes a second");
        TestNetwork.Require(
            took < (1.3 * least) + 3,
            $"{bytes:N0} bytes took {took:F1} s at {limit:N0} bytes a second"
        );
    }

    private static async Task<FaultyPeer> AddPeerAsync(TestSwarm testSwarm, PeerFault fault)
    {
        var peer = new FaultyPeer(testSwarm.Simulator.AddHost("bad-peer", "10.6.0.1"), testSwarm.Metainfo, fault);
        await peer.StartAsync();
        return peer;
    }
}
