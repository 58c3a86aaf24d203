namespace Anatomic.Simulation.Scenarios.Swarms;

/// <summary>Peers whose messages cost more than they move.</summary>
public static class FloodScenarios
{
    /// <summary>
    /// A flooding peer is dropped with a reason and not let in again, and the swarm around it finishes.
    /// </summary>
    public static Func<Simulator, Task> FloodingPeerIsDropped(PeerFlood flood) =>
        async simulator =>
        {
            var testSwarm = await TestSwarm.BuildAsync(
                simulator,
                SwarmContent.OneFile(simulator.Entropy, bytes: 1_000_000)
            );
            await testSwarm.SeedAsync();
            var victim = testSwarm.Seeder;
            var flooding = new FloodingPeer(simulator.AddHost("flooding", "10.6.0.1"), testSwarm.Metainfo, flood);
            var isAccepted = false;
            var first = RunAsync();
            var leecher = await testSwarm.AddLeecherAsync("leecher");
            await testSwarm.FinishAsync(leecher);
            await simulator.WaitUntilAsync(testSwarm.Describe, () => first.IsCompleted, TestSwarm.Timeout);
            ScenarioAssert.That(isAccepted, "the flooding peer was not connected");
            // The status is published once per second.
            await simulator.WaitUntilAsync(
                testSwarm.Describe,
                () =>
                    victim.Torrent!.RecentDisconnects.Any(reason =>
                        reason.Contains("costs more than it transfers", StringComparison.Ordinal)
                    ),
                TimeSpan.FromSeconds(2)
            );
            isAccepted = await flooding.RunAsync(victim.Address);
            ScenarioAssert.That(!isAccepted, "the flooding peer was let in again at once");

            async Task RunAsync() => isAccepted = await flooding.RunAsync(victim.Address);
        };
}
