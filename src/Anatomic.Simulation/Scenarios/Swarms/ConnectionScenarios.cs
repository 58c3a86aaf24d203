using Anatomic.Wire;

namespace Anatomic.Simulation.Scenarios.Swarms;

/// <summary>Hosts that take connections away from others, and handshakes.</summary>
public static class ConnectionScenarios
{
    private const int MaxPeers = 20;

    /// <summary>Interested connections of one host fill a torrent. An honest seed gets a place all the same.</summary>
    public static async Task CrowdMakesRoom(Simulator simulator)
    {
        var testSwarm = await TestSwarm.BuildAsync(simulator, SwarmContent.OneFile(simulator.Entropy));
        var leecher = testSwarm.AddClient("leecher");
        await leecher.StartAsync(
            testSwarm.Download,
            options => options with { MaxPeers = MaxPeers, MaxPeersPerTorrent = MaxPeers }
        );
        var crowd = NewCrowd(testSwarm, "10.6.0.1");
        await crowd.ConnectInterestedAsync(leecher.Address, 5 * MaxPeers);
        await simulator.WaitUntilAsync(testSwarm.Describe, () => leecher.Status.Peers == MaxPeers, TestSwarm.Timeout);
        await testSwarm.SeedAsync();
        var since = simulator.Now;
        await testSwarm.FinishAsync(leecher);
        var took = simulator.Now - since;
        ScenarioAssert.That(
            took < TimeSpan.FromSeconds(30),
            $"the download took {took.TotalSeconds:F1} s beside a crowd"
        );
    }

    /// <summary>One public host gets only its share of a torrent's connections.</summary>
    public static async Task HostGetsItsShare(Simulator simulator)
    {
        var testSwarm = await TestSwarm.BuildAsync(simulator, SwarmContent.OneFile(simulator.Entropy));
        await testSwarm.SeedAsync();
        var crowd = NewCrowd(testSwarm, "9.8.7.6");
        await crowd.ConnectInterestedAsync(testSwarm.Seeder.Address, 50);
        await simulator.WaitAsync(TimeSpan.FromSeconds(5));
        var peers = testSwarm.Seeder.Status.Peers;
        ScenarioAssert.That(peers == 8, $"{peers} connections of one host were accepted");
    }

    /// <summary>Connections that never send a handshake do not keep others from connecting.</summary>
    public static async Task SilentConnectionsBlockNobody(Simulator simulator)
    {
        var testSwarm = await TestSwarm.BuildAsync(simulator, SwarmContent.OneFile(simulator.Entropy));
        await testSwarm.SeedAsync();
        var crowd = NewCrowd(testSwarm, "10.6.0.1");
        var silent = crowd.ConnectSilentlyAsync(testSwarm.Seeder.Address, 300);
        var since = simulator.Now;
        var leecher = testSwarm.AddClient("leecher");
        await leecher.StartAsync(testSwarm.Download with { Peers = [testSwarm.Seeder.Address.ToString()] });
        await testSwarm.FinishAsync(leecher);
        var took = simulator.Now - since;
        await silent;
        ScenarioAssert.That(
            took < TimeSpan.FromSeconds(5),
            $"the download took {took.TotalSeconds:F1} s beside silent connections"
        );
    }

    /// <summary>A peer that sends its handshake only up to the info-hash gets ours.</summary>
    public static async Task HalfHandshakeIsAnswered(Simulator simulator)
    {
        var testSwarm = await TestSwarm.BuildAsync(simulator, SwarmContent.OneFile(simulator.Entropy));
        await testSwarm.SeedAsync();
        var crowd = NewCrowd(testSwarm, "10.6.0.1");
        var bytes = await crowd.SendHalfHandshakeAsync(testSwarm.Seeder.Address);
        ScenarioAssert.That(bytes == PeerLimits.HandshakeBytes, $"{bytes} bytes answer half a handshake");
    }

    /// <summary>A peer that sends wrong data and leaves before it is found out is banned all the same.</summary>
    public static async Task LeavingSavesNobodyFromABan(Simulator simulator)
    {
        var testSwarm = await TestSwarm.BuildAsync(simulator, SwarmContent.OneFile(simulator.Entropy));
        var corrupt = new FaultyPeer(
            simulator.AddHost("leaving", "10.6.0.1"),
            testSwarm.Metainfo,
            PeerFault.CorruptBlocksThenClose
        );
        await corrupt.StartAsync();
        var victim = testSwarm.AddClient("victim");
        await victim.StartAsync(testSwarm.Download with { Peers = [corrupt.Address] });
        await simulator.WaitAsync(TimeSpan.FromMinutes(5));
        ScenarioAssert.That(
            corrupt.ConnectionsReceived == 1,
            $"the peer was dialled {corrupt.ConnectionsReceived} times, although it sent wrong data"
        );
        await testSwarm.SeedAsync();
        await testSwarm.FinishAsync(victim);
    }

    private static ConnectionCrowd NewCrowd(TestSwarm testSwarm, string address) =>
        new(testSwarm.Simulator.AddHost("crowd", address), testSwarm.Metainfo);
}
