using Anatomic.Engine.Settings;
using Anatomic.Engine.Trackers;
using Anatomic.Simulation.Scenarios.EndToEnd;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;
using Anatomic.Wire.Trackers;

namespace Anatomic.Simulation.Scenarios.Swarms;

/// <summary>What clients tell their trackers, and where they turn when those fail.</summary>
public static class TrackerScenarios
{
    /// <summary>Each event reaches the tracker once for each id, even when the client ends the moment it is complete.</summary>
    public static async Task EventsComeOnce(Simulator simulator)
    {
        var testSwarm = await TestSwarm.BuildAsync(
            simulator,
            SwarmContent.OneFile(simulator.Entropy),
            TorrentFormat.Hybrid
        );
        await testSwarm.SeedAsync();
        // A tracker that takes its time: the client is complete before it has heard of it.
        testSwarm.Tracker.Delay = TimeSpan.FromMilliseconds(simulator.Entropy.Next(1500));
        var patient = testSwarm.AddClient("patient");
        var hasty = testSwarm.AddClient("hasty");
        AddTorrent from(SwarmClient seeder) => testSwarm.Download with { Peers = [seeder.At.ToString()] };
        await patient.StartAsync(from(testSwarm.Seeder));
        await hasty.StartAsync(from(testSwarm.Seeder));
        await hasty.Torrent!.Completed;
        await hasty.StopAsync();
        await testSwarm.FinishAsync(patient);
        await simulator.WaitAsync(TimeSpan.FromMinutes(3));
        await patient.StopAsync();
        await testSwarm.Seeder.StopAsync();
        await simulator.WaitAsync(TimeSpan.FromSeconds(10));
        foreach (var swarm in testSwarm.Metainfo.Info.SwarmIds)
        {
            AnnounceEvent[] whole = [AnnounceEvent.Started, AnnounceEvent.Completed, AnnounceEvent.Stopped];
            RequireEvents(testSwarm.Tracker, patient, swarm, whole);
            RequireEvents(testSwarm.Tracker, hasty, swarm, whole);
            RequireEvents(testSwarm.Tracker, testSwarm.Seeder, swarm, [AnnounceEvent.Started, AnnounceEvent.Stopped]);
        }
    }

    /// <summary>The only tracker fails or says that nothing is planted: the finder names another, and the peers meet there.</summary>
    public static Func<Simulator, Task> FinderLeadsOn(TrackerFault mood) =>
        async simulator =>
        {
            var testSwarm = await TestSwarm.BuildAsync(simulator, SwarmContent.OneFile(simulator.Entropy));
            var other = await testSwarm.AddTrackerAsync();
            testSwarm.Tracker.Fault = mood;
            var finder = new Finder(other.Url);
            await testSwarm.Seeder.StartAsync(testSwarm.Download with { SeedOnly = true, TrackerSource = finder });
            var leecher = testSwarm.AddClient("leecher");
            await leecher.StartAsync(testSwarm.Download with { TrackerSource = finder });
            await testSwarm.FinishAsync(leecher);
            var said = leecher.Status.Trackers.Single(tracker => tracker.Url == testSwarm.Tracker.Url).Message;
            var wanted = mood == TrackerFault.NotPlanted ? "not planted" : "500";
            TestNetwork.Require(
                said.Contains(wanted, StringComparison.Ordinal),
                $"the failed tracker's message is '{said}'"
            );
            var found = leecher.Status.Trackers.Single(tracker => tracker.Url == other.Url);
            TestNetwork.Require(found is { Tier: -1, Working: true }, $"the found tracker stands as {found}");
            TestNetwork.Require(found.Message.Length > 0, "a tracker that answers has no message");
        };

    /// <summary>Datagrams to a UDP tracker are lost: each is sent again after 3, then 5 seconds.</summary>
    public static async Task UdpIsSentAgain(Simulator simulator)
    {
        simulator.Internet.Links = simulator.Internet.Links with { DatagramLoss = 0 };
        var testSwarm = await TestSwarm.BuildAsync(simulator, SwarmContent.OneFile(simulator.Entropy), overUdp: true);
        await testSwarm.SeedAsync();
        await simulator.WaitUntilAsync(
            testSwarm.Describe,
            () => testSwarm.Tracker.Announces.Count == 1,
            TestSwarm.Patience
        );
        var before = testSwarm.Tracker.Datagrams.Count;
        testSwarm.Tracker.DatagramsToIgnore = 2;
        var leecher = await testSwarm.AddLeecherAsync("leecher");
        await testSwarm.FinishAsync(leecher);
        var times = testSwarm.Tracker.Datagrams.Skip(before).ToList();
        RequireGap(times[1] - times[0], 3);
        RequireGap(times[2] - times[1], 5);
    }

    /// <summary>A third of all datagrams is lost, in both directions, and all clients finish.</summary>
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

    /// <summary>Everything over IPv6, the tracker by HTTP and by UDP.</summary>
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
    /// The second tier is asked only while the first fails; when that works again, it is used again, and both hear of the end.
    /// </summary>
    public static async Task TiersInTheirOrder(Simulator simulator)
    {
        var testSwarm = await TestSwarm.BuildAsync(simulator, SwarmContent.OneFile(simulator.Entropy));
        var second = await testSwarm.AddTrackerAsync();
        testSwarm.Tracker.Fault = TrackerFault.Broken;
        var client = testSwarm.AddClient("client");
        await client.StartAsync(testSwarm.Download with { Trackers = [second.Url] });
        await simulator.WaitUntilAsync(testSwarm.Describe, () => second.Announces.Count > 0, TestSwarm.Patience);
        TestNetwork.Require(testSwarm.Tracker.Announces.Count == 0, "a broken tracker answered");
        testSwarm.Tracker.Fault = TrackerFault.None;
        await simulator.WaitUntilAsync(
            testSwarm.Describe,
            () => testSwarm.Tracker.Announces.Count > 0,
            TestSwarm.Patience
        );
        var last = second.Announces.Count;
        await simulator.WaitAsync(TimeSpan.FromMinutes(5));
        TestNetwork.Require(second.Announces.Count == last, "the second tier is asked while the first works");
        await client.StopAsync();
        await simulator.WaitAsync(TimeSpan.FromSeconds(10));
        AnnounceEvent[] both = [AnnounceEvent.Started, AnnounceEvent.Stopped];
        RequireEvents(testSwarm.Tracker, client, testSwarm.Metainfo.Info.SwarmIds[0], both);
        RequireEvents(second, client, testSwarm.Metainfo.Info.SwarmIds[0], both);
    }

    private static void RequireEvents(ScriptedTracker tracker, SwarmClient client, Hash20 swarm, AnnounceEvent[] wanted)
    {
        var heard = tracker.EventsOf(client.Host, swarm);
        TestNetwork.Require(
            heard.SequenceEqual(wanted),
            $"{tracker.Host.Name} heard {string.Join(", ", heard)} of {client.Host.Name} in {swarm}, not {string.Join(", ", wanted)}"
        );
    }

    private static void RequireGap(TimeSpan gap, int seconds) =>
        TestNetwork.Require(
            Math.Abs(gap.TotalSeconds - seconds) < 0.2,
            $"a datagram was sent again after {gap.TotalSeconds:F2} s, not {seconds}"
        );

    private sealed class Finder(params string[] urls) : ITrackerSource
    {
        public ValueTask<IReadOnlyList<string>> FindAsync(Hash20 swarm, CancellationToken stop) =>
            ValueTask.FromResult<IReadOnlyList<string>>(urls);
    }
}
