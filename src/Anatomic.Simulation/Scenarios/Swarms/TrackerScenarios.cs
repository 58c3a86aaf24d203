using Anatomic.Engine.Settings;
using Anatomic.Engine.Trackers;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;
using Anatomic.Wire.Trackers;

namespace Anatomic.Simulation.Scenarios.Swarms;

/// <summary>What clients announce to their trackers, and what they do when those fail.</summary>
public static class TrackerScenarios
{
    /// <summary>
    /// Each event reaches the tracker once per info-hash, even when the client stops the moment its download completes.
    /// The swarms of a hybrid torrent are announced one after the other. When the second is announced after the
    /// completion, the client starts there as a seed, which completes nothing; a hasty client may be gone before.
    /// </summary>
    public static async Task EventsArriveOnce(Simulator simulator)
    {
        var testSwarm = await TestSwarm.BuildAsync(
            simulator,
            SwarmContent.OneFile(simulator.Entropy),
            TorrentFormat.Hybrid
        );
        await testSwarm.SeedAsync();
        // A slow tracker: the download completes before the tracker has answered.
        testSwarm.Tracker.Delay = TimeSpan.FromMilliseconds(simulator.Entropy.Next(1500));
        var patient = testSwarm.AddClient("patient");
        var hasty = testSwarm.AddClient("hasty");
        AddTorrent WithPeer(SwarmClient seeder) => testSwarm.Download with { Peers = [seeder.Address.ToString()] };
        await patient.StartAsync(WithPeer(testSwarm.Seeder));
        await hasty.StartAsync(WithPeer(testSwarm.Seeder));
        await hasty.Torrent!.Completed;
        await hasty.StopAsync();
        await testSwarm.FinishAsync(patient);
        await simulator.WaitAsync(TimeSpan.FromMinutes(3));
        await patient.StopAsync();
        await testSwarm.Seeder.StopAsync();
        await simulator.WaitAsync(TimeSpan.FromSeconds(10));
        foreach (var swarm in testSwarm.Metainfo.Info.SwarmIds)
        {
            foreach (var client in new[] { patient, hasty })
            {
                var first = testSwarm.Tracker.Announces.FirstOrDefault(one =>
                    one.Swarm == swarm && one.Peer == client.Address
                );
                AnnounceEvent[] expected =
                    first is null && client == hasty ? []
                    : first is { IsSeed: true } ? [AnnounceEvent.Started, AnnounceEvent.Stopped]
                    : [AnnounceEvent.Started, AnnounceEvent.Completed, AnnounceEvent.Stopped];
                RequireEvents(testSwarm.Tracker, client, swarm, expected);
            }
            RequireEvents(testSwarm.Tracker, testSwarm.Seeder, swarm, [AnnounceEvent.Started, AnnounceEvent.Stopped]);
        }
    }

    /// <summary>
    /// The only tracker fails or does not track the torrent. The tracker source names another, and the peers meet
    /// there.
    /// </summary>
    public static Func<Simulator, Task> TrackerSourceHelps(TrackerFault fault) =>
        async simulator =>
        {
            var testSwarm = await TestSwarm.BuildAsync(simulator, SwarmContent.OneFile(simulator.Entropy));
            var other = await testSwarm.AddTrackerAsync();
            testSwarm.Tracker.Fault = fault;
            var trackerSource = new FixedTrackerSource(other.Url);
            await testSwarm.Seeder.StartAsync(
                testSwarm.Download with
                {
                    SeedOnly = true,
                    TrackerSource = trackerSource,
                }
            );
            var leecher = testSwarm.AddClient("leecher");
            await leecher.StartAsync(testSwarm.Download with { TrackerSource = trackerSource });
            await testSwarm.FinishAsync(leecher);
            var message = leecher.Torrent!.Trackers.Single(tracker => tracker.Url == testSwarm.Tracker.Url).Message;
            var expected = fault == TrackerFault.NotPlanted ? "not planted" : "500";
            ScenarioAssert.That(
                message.Contains(expected, StringComparison.Ordinal),
                $"the failed tracker's message is '{message}'"
            );
            var found = leecher.Torrent!.Trackers.Single(tracker => tracker.Url == other.Url);
            ScenarioAssert.That(found is { Tier: -1, Working: true }, $"the added tracker has the status {found}");
            ScenarioAssert.That(found.Message.Length > 0, "a working tracker has no message");
        };

    /// <summary>A UDP tracker ignores datagrams; the client sends each again after 3, then 5 seconds.</summary>
    public static async Task UdpIsRetransmitted(Simulator simulator)
    {
        simulator.Internet.Links = simulator.Internet.Links with { DatagramLoss = 0 };
        var testSwarm = await TestSwarm.BuildAsync(simulator, SwarmContent.OneFile(simulator.Entropy), overUdp: true);
        await testSwarm.SeedAsync();
        await simulator.WaitUntilAsync(
            testSwarm.Describe,
            () => testSwarm.Tracker.Announces.Count == 1,
            TestSwarm.Timeout
        );
        var before = testSwarm.Tracker.Datagrams.Count;
        testSwarm.Tracker.DatagramsToIgnore = 2;
        var leecher = await testSwarm.AddLeecherAsync("leecher");
        await testSwarm.FinishAsync(leecher);
        var times = testSwarm.Tracker.Datagrams.Skip(before).ToList();
        RequireGap(times[1] - times[0], 3);
        RequireGap(times[2] - times[1], 5);
    }

    /// <summary>A third of all datagrams is lost in each direction, and all clients finish.</summary>
    public static async Task UdpWithLoss(Simulator simulator)
    {
        simulator.Internet.Links = simulator.Internet.Links with { DatagramLoss = 0.33 };
        var testSwarm = await TestSwarm.BuildAsync(simulator, SwarmContent.OneFile(simulator.Entropy), overUdp: true);
        await testSwarm.SeedAsync();
        await testSwarm.FinishAsync(
            await testSwarm.AddLeecherAsync("leecher-1"),
            await testSwarm.AddLeecherAsync("leecher-2")
        );
    }

    /// <summary>Peers and the tracker use IPv6 only.</summary>
    public static Func<Simulator, Task> OverV6(bool overUdp) =>
        async simulator =>
        {
            var content = SwarmContent.OneFile(simulator.Entropy);
            var testSwarm = await TestSwarm.BuildAsync(simulator, content, TorrentFormat.Hybrid, overUdp, isV6: true);
            await testSwarm.SeedAsync();
            await testSwarm.FinishAsync(
                await testSwarm.AddLeecherAsync("leecher-1", isV6: true),
                await testSwarm.AddLeecherAsync("leecher-2", isV6: true)
            );
        };

    /// <summary>
    /// The second tier is used only while the first fails. Once the first works again, it is used again, and both
    /// receive the stopped event.
    /// </summary>
    public static async Task TiersInOrder(Simulator simulator)
    {
        var testSwarm = await TestSwarm.BuildAsync(simulator, SwarmContent.OneFile(simulator.Entropy));
        var second = await testSwarm.AddTrackerAsync();
        testSwarm.Tracker.Fault = TrackerFault.Broken;
        var client = testSwarm.AddClient("client");
        await client.StartAsync(testSwarm.Download with { Trackers = [second.Url] });
        await simulator.WaitUntilAsync(testSwarm.Describe, () => second.Announces.Count > 0, TestSwarm.Timeout);
        ScenarioAssert.That(testSwarm.Tracker.Announces.Count == 0, "the broken tracker answered");
        testSwarm.Tracker.Fault = TrackerFault.None;
        await simulator.WaitUntilAsync(
            testSwarm.Describe,
            () => testSwarm.Tracker.Announces.Count > 0,
            TestSwarm.Timeout
        );
        var last = second.Announces.Count;
        await simulator.WaitAsync(TimeSpan.FromMinutes(5));
        ScenarioAssert.That(
            second.Announces.Count == last,
            "the client announces to the second tier while the first works"
        );
        await client.StopAsync();
        await simulator.WaitAsync(TimeSpan.FromSeconds(10));
        AnnounceEvent[] both = [AnnounceEvent.Started, AnnounceEvent.Stopped];
        RequireEvents(testSwarm.Tracker, client, testSwarm.Metainfo.Info.SwarmIds[0], both);
        RequireEvents(second, client, testSwarm.Metainfo.Info.SwarmIds[0], both);
    }

    private static void RequireEvents(
        ScriptedTracker tracker,
        SwarmClient client,
        Hash20 swarm,
        AnnounceEvent[] expected
    )
    {
        var received = tracker.EventsOf(client.Host, swarm);
        ScenarioAssert.That(
            received.SequenceEqual(expected),
            $"{tracker.Host.Name} received {string.Join(", ", received)} from {client.Host.Name} in {swarm}, not "
                + string.Join(", ", expected)
        );
    }

    private static void RequireGap(TimeSpan gap, int seconds) =>
        ScenarioAssert.That(
            Math.Abs(gap.TotalSeconds - seconds) < 0.2,
            $"a datagram was sent again after {gap.TotalSeconds:F2} s instead of {seconds} s"
        );

    private sealed class FixedTrackerSource(params string[] urls) : ITrackerSource
    {
        public ValueTask<IReadOnlyList<string>> FindAsync(Hash20 swarm, CancellationToken stop) =>
            ValueTask.FromResult<IReadOnlyList<string>>(urls);
    }
}
