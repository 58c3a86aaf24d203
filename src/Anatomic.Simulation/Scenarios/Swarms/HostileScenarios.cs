using Anatomic.Engine.Torrents;

namespace Anatomic.Simulation.Scenarios.Swarms;

/// <summary>Misbehaving peers, and rate limits.</summary>
public static class HostileScenarios
{
    /// <summary>
    /// A peer that sends wrong blocks is banned with a reason and never dialled again; the download finishes.
    /// </summary>
    public static async Task CorruptPeerIsBanned(Simulator simulator)
    {
        var testSwarm = await TestSwarm.BuildAsync(simulator, SwarmContent.OneFile(simulator.Entropy));
        var corrupt = await AddPeerAsync(testSwarm, PeerFault.CorruptBlocks);
        var victim = testSwarm.AddClient("victim");
        await victim.StartAsync(testSwarm.Download with { Peers = [corrupt.Address] });
        await simulator.WaitUntilAsync(
            () => testSwarm.Describe(),
            () =>
                victim.Torrent!.RecentDisconnects.Any(disconnect =>
                    disconnect.Contains("wrong piece", StringComparison.Ordinal)
                ),
            TestSwarm.Timeout
        );
        await testSwarm.SeedAsync();
        await testSwarm.FinishAsync(victim);
        await simulator.WaitAsync(TimeSpan.FromMinutes(5));
        ScenarioAssert.That(
            corrupt.ConnectionsReceived == 1,
            $"the banned peer was dialled {corrupt.ConnectionsReceived} times"
        );
    }

    /// <summary>
    /// A peer that sends wrong blocks is identified among good peers, by pieces that come from a single peer.
    /// </summary>
    public static async Task CorruptPeerAmongGoodOnes(Simulator simulator)
    {
        var testSwarm = await TestSwarm.BuildAsync(
            simulator,
            SwarmContent.OneFile(simulator.Entropy, bytes: 2_000_000)
        );
        await testSwarm.SeedAsync();
        var corrupt = await AddPeerAsync(testSwarm, PeerFault.CorruptBlocks);
        var victim = testSwarm.AddClient("victim");
        await victim.StartAsync(testSwarm.Download with { Peers = [corrupt.Address] });
        await testSwarm.FinishAsync(victim);
        ScenarioAssert.That(corrupt.RequestsReceived > 0, "the corrupt peer received no request");
        ScenarioAssert.That(
            !victim.Torrent!.RecentDisconnects.Any(disconnect =>
                disconnect.Contains("wrong", StringComparison.Ordinal)
                && !disconnect.StartsWith(corrupt.Address, StringComparison.Ordinal)
            ),
            "an innocent peer was banned"
        );
        ScenarioAssert.That(
            victim.Status.Downloaded < 3 * testSwarm.Content.Size,
            $"{victim.Status.Downloaded:N0} bytes were fetched for {testSwarm.Content.Size:N0}"
        );
    }

    /// <summary>A peer never answers requests. Other peers send its blocks, long before the snub timeout.</summary>
    public static async Task SilentPeerStallsNothing(Simulator simulator)
    {
        var testSwarm = await TestSwarm.BuildAsync(
            simulator,
            SwarmContent.OneFile(simulator.Entropy, bytes: 1_000_000)
        );
        var silent = await AddPeerAsync(testSwarm, PeerFault.NoResponse);
        var leecher = testSwarm.AddClient("leecher");
        await leecher.StartAsync(testSwarm.Download with { Peers = [silent.Address] });
        await simulator.WaitUntilAsync(testSwarm.Describe, () => silent.RequestsReceived > 0, TestSwarm.Timeout);
        await testSwarm.SeedAsync();
        var since = simulator.Now;
        await simulator.WaitUntilAsync(testSwarm.Describe, () => leecher.Status.Done > 0, TestSwarm.Timeout);
        await testSwarm.FinishAsync(leecher);
        var took = simulator.Now - since;
        ScenarioAssert.That(
            took < TimeSpan.FromSeconds(40),
            $"the download took {took.TotalSeconds:F1} s beside a silent peer"
        );
    }

    /// <summary>
    /// A peer sends blocks of wrong length and leaves. Nothing of it stays: the seeder's blocks complete all.
    /// </summary>
    public static async Task ShortBlocksStallNothing(Simulator simulator)
    {
        var testSwarm = await TestSwarm.BuildAsync(
            simulator,
            SwarmContent.OneFile(simulator.Entropy, bytes: 1_000_000)
        );
        var bad = await AddPeerAsync(testSwarm, PeerFault.ShortBlocks);
        var leecher = testSwarm.AddClient("leecher");
        await leecher.StartAsync(testSwarm.Download with { Peers = [bad.Address] });
        await simulator.WaitUntilAsync(
            testSwarm.Describe,
            () =>
                leecher.Torrent!.RecentDisconnects.Any(reason =>
                    reason.Contains("bytes for a block", StringComparison.Ordinal)
                ),
            TestSwarm.Timeout
        );
        await testSwarm.SeedAsync();
        await testSwarm.FinishAsync(leecher);
    }

    /// <summary>
    /// A peer rejects every request. It is asked a few times a minute, and the download finishes without it.
    /// </summary>
    public static async Task RejectingPeerIsLeftAlone(Simulator simulator)
    {
        var testSwarm = await TestSwarm.BuildAsync(
            simulator,
            SwarmContent.OneFile(simulator.Entropy, bytes: 1_000_000)
        );
        var rejecting = await AddPeerAsync(testSwarm, PeerFault.Rejects);
        var leecher = testSwarm.AddClient("leecher");
        await leecher.StartAsync(testSwarm.Download with { Peers = [rejecting.Address] });
        await simulator.WaitUntilAsync(testSwarm.Describe, () => rejecting.RequestsReceived > 0, TestSwarm.Timeout);
        await simulator.WaitAsync(TimeSpan.FromMinutes(2));
        ScenarioAssert.That(
            rejecting.RequestsReceived < 1_000,
            $"the peer was asked {rejecting.RequestsReceived:N0} times in two minutes"
        );
        await testSwarm.SeedAsync();
        await testSwarm.FinishAsync(leecher);
    }

    /// <summary>
    /// Peers claim much metadata and trickle it. A magnet link gets the true one from the seeder at once.
    /// </summary>
    public static async Task TricklersDoNotBlockAMagnet(Simulator simulator)
    {
        var testSwarm = await TestSwarm.BuildAsync(simulator, SwarmContent.OneFile(simulator.Entropy));
        var tricklers = new List<FaultyPeer>();
        for (var number = 1; number <= 4; number++)
        {
            tricklers.Add(await AddPeerAsync(testSwarm, PeerFault.TricklesMetadata, number));
        }
        var leecher = testSwarm.AddClient("leecher");
        await leecher.StartAsync(testSwarm.ByMagnet() with { Peers = [.. tricklers.Select(peer => peer.Address)] });
        await simulator.WaitUntilAsync(
            testSwarm.Describe,
            () => tricklers.TrueForAll(peer => peer.MetadataRequestsReceived > 0),
            TestSwarm.Timeout
        );
        await testSwarm.SeedAsync();
        await simulator.WaitUntilAsync(
            testSwarm.Describe,
            () => leecher.Torrent!.Metainfo is not null,
            TimeSpan.FromMinutes(2)
        );
        await testSwarm.FinishAsync(leecher);
    }

    /// <summary>
    /// A magnet link with a selection of files that do not exist ends with a reason, not as complete.
    /// </summary>
    public static async Task SelectionIsCheckedAgainstTheMetadata(Simulator simulator)
    {
        var testSwarm = await TestSwarm.BuildAsync(simulator, SwarmContent.ManyFiles(simulator.Entropy));
        await testSwarm.SeedAsync();
        var leecher = testSwarm.AddClient("leecher");
        await leecher.StartAsync(testSwarm.ByMagnet() with { Files = [0, 98] });
        await simulator.WaitUntilAsync(
            testSwarm.Describe,
            () => leecher.Status.State == TorrentState.Faulted,
            TestSwarm.Timeout
        );
        var files = testSwarm.Metainfo.Info.ContentFiles.Count;
        ScenarioAssert.That(
            leecher.Status.Fault == $"file 99 is selected, but the torrent has only {files}",
            $"the reason is {leecher.Status.Fault}"
        );
    }

    /// <summary>A download limit holds, and is used fully.</summary>
    public static Task DownloadLimitHolds(Simulator simulator) => LimitHoldsAsync(simulator, isDownload: true);

    /// <summary>An upload limit holds over all peers together, and is used fully.</summary>
    public static Task UploadLimitHolds(Simulator simulator) => LimitHoldsAsync(simulator, isDownload: false);

    /// <summary>An upload limit holds for metadata as well: every byte that is sent counts.</summary>
    public static async Task UploadLimitCountsMetadata(Simulator simulator)
    {
        const long limit = 20_000;
        var testSwarm = await TestSwarm.BuildAsync(simulator, SwarmContent.OneFile(simulator.Entropy));
        await testSwarm.SeedAsync(options => options with { MaxUploadBytesPerSecond = limit });
        var peer = new FloodingPeer(
            simulator.AddHost("flooding", "10.6.0.1"),
            testSwarm.Metainfo,
            PeerFlood.MetadataRequests
        );
        var since = simulator.Now;
        var run = peer.RunAsync(testSwarm.Seeder.Address);
        await simulator.WaitAsync(TimeSpan.FromSeconds(20));
        var most = limit * ((simulator.Now - since).TotalSeconds + 1);
        ScenarioAssert.That(peer.BytesReceived > limit, $"only {peer.BytesReceived:N0} bytes were sent");
        ScenarioAssert.That(peer.BytesReceived < most, $"{peer.BytesReceived:N0} bytes were sent at {limit:N0} B/s");
        ScenarioAssert.That(!run.IsCompleted || await run, "the peer was not connected");
    }

    private static async Task LimitHoldsAsync(Simulator simulator, bool isDownload)
    {
        const long limit = 200_000;
        const int bytes = 2_000_000;
        var testSwarm = await TestSwarm.BuildAsync(simulator, SwarmContent.OneFile(simulator.Entropy, bytes));
        await testSwarm.SeedAsync(options => isDownload ? options : options with { MaxUploadBytesPerSecond = limit });
        var leecher = testSwarm.AddClient("leecher");
        await leecher.StartAsync(
            testSwarm.Download with
            {
                Peers = [testSwarm.Seeder.Address.ToString()],
            },
            options => isDownload ? options with { MaxDownloadBytesPerSecond = limit } : options
        );
        await simulator.WaitUntilAsync(
            testSwarm.Describe,
            () => leecher.Status.State == TorrentState.Downloading,
            TestSwarm.Timeout
        );
        var since = simulator.Now;
        await testSwarm.FinishAsync(leecher);
        var took = (simulator.Now - since).TotalSeconds;
        // A burst of a quarter second may pass at once. Connecting and the last pieces take extra time.
        const double minSeconds = (bytes / (double)limit) - 0.5;
        ScenarioAssert.That(took > minSeconds, $"{bytes:N0} bytes took {took:F1} s at {limit:N0} B/s");
        ScenarioAssert.That(took < (1.3 * minSeconds) + 3, $"{bytes:N0} bytes took {took:F1} s at {limit:N0} B/s");
    }

    private static async Task<FaultyPeer> AddPeerAsync(TestSwarm testSwarm, PeerFault fault, int number = 1)
    {
        var host = testSwarm.Simulator.AddHost($"bad-peer-{number}", $"10.6.0.{number}");
        var peer = new FaultyPeer(host, testSwarm.Metainfo, fault);
        await peer.StartAsync();
        return peer;
    }
}
