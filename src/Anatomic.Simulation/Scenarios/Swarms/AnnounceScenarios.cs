using System.Text;
using Anatomic.Engine.Settings;
using Anatomic.Engine.Torrents;
using Anatomic.Engine.Trackers;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;
using Anatomic.Wire.Trackers;

namespace Anatomic.Simulation.Scenarios.Swarms;

/// <summary>How often clients announce, and what they tell about themselves.</summary>
public static class AnnounceScenarios
{
    private const int IntervalSeconds = 1800;

    /// <summary>A client without peers keeps the tracker's interval of half an hour, for each info-hash.</summary>
    public static Func<Simulator, Task> IntervalIsKept(TorrentFormat format, bool overUdp) =>
        async simulator =>
        {
            simulator.Internet.Links = simulator.Internet.Links with { DatagramLoss = 0 };
            var content = SwarmContent.OneFile(simulator.Entropy);
            var testSwarm = await TestSwarm.BuildAsync(simulator, content, format, overUdp);
            (testSwarm.Tracker.IntervalSeconds, testSwarm.Tracker.MinIntervalSeconds) = (IntervalSeconds, null);
            await testSwarm.AddLeecherAsync("lonely");
            await simulator.WaitAsync(TimeSpan.FromSeconds((3 * IntervalSeconds) + 60));
            RequireCounts(testSwarm, 4);
        };

    /// <summary>
    /// A client without peers announces when the tracker's minimum interval is over. Once it has a peer, it waits for
    /// the interval.
    /// </summary>
    public static async Task MinimumIntervalIsUsedWithoutPeers(Simulator simulator)
    {
        var content = SwarmContent.OneFile(simulator.Entropy);
        var testSwarm = await TestSwarm.BuildAsync(simulator, content);
        (testSwarm.Tracker.IntervalSeconds, testSwarm.Tracker.MinIntervalSeconds) = (IntervalSeconds, 300);
        var leecher = await testSwarm.AddLeecherAsync("leecher");
        await simulator.WaitAsync(TimeSpan.FromSeconds(960));
        RequireCounts(testSwarm, 4);
        await testSwarm.SeedAsync();
        await testSwarm.FinishAsync(leecher);
        await simulator.WaitAsync(TimeSpan.FromSeconds(1500));
        var regular = testSwarm.Tracker.Announces.Count(one => one.Event == AnnounceEvent.None);
        ScenarioAssert.That(regular <= 4, $"a client with peers announced early: {regular} regular announces");
    }

    /// <summary>A tracker rejects and says when to try again; the client waits that long.</summary>
    public static Func<Simulator, Task> RejectionIsKept(Rejection rejection, int seconds) =>
        async simulator =>
        {
            var content = SwarmContent.OneFile(simulator.Entropy);
            var testSwarm = await TestSwarm.BuildAsync(simulator, content, TorrentFormat.Hybrid);
            testSwarm.Tracker.Fault = TrackerFault.Rejecting;
            testSwarm.Tracker.Rejection = rejection;
            var client = await testSwarm.AddLeecherAsync("client");
            await simulator.WaitAsync(TimeSpan.FromSeconds((2 * seconds) + (seconds / 2)));
            var asked = testSwarm.Tracker.Announces.GroupBy(one => one.Swarm).Select(group => group.Count()).Max();
            ScenarioAssert.That(asked == 3, $"the tracker was asked {asked} times instead of 3");
            ScenarioAssert.That(
                client.Torrent!.Trackers.All(tracker =>
                    tracker is { Working: false, Next: not null, LastAsked: not null }
                ),
                $"the status does not tell of the rejection: {client.Describe()}"
            );
        };

    /// <summary>
    /// A client that wants a part of the torrent is a partial seed to the tracker, never a seed. It completes the
    /// torrent in a second run, and announces that once; a third run announces no completion.
    /// </summary>
    public static async Task PartialSeedsAreNotCountedAsSeeds(Simulator simulator)
    {
        var testSwarm = await TestSwarm.BuildAsync(simulator, SwarmContent.ManyFiles(simulator.Entropy));
        await testSwarm.SeedAsync();
        var client = testSwarm.AddClient("client");
        await RunAsync(testSwarm, client, testSwarm.Download with { Files = [1] });
        var swarm = testSwarm.Metainfo.Info.SwarmIds[0];
        RequireEvents(testSwarm, client, [AnnounceEvent.Started, AnnounceEvent.Paused, AnnounceEvent.Stopped]);
        var seeds = testSwarm.Tracker.Announces.Where(one => one.IsSeed).Select(one => one.Peer).ToHashSet();
        ScenarioAssert.That(!seeds.Contains(client.Address), "the tracker counts a partial seed as a seed");

        await RunAsync(testSwarm, client, testSwarm.Download);
        await RunAsync(testSwarm, client, testSwarm.Download);
        AnnounceEvent[] later =
        [
            AnnounceEvent.Started,
            AnnounceEvent.Completed,
            AnnounceEvent.Stopped,
            AnnounceEvent.Started,
            AnnounceEvent.Stopped,
        ];
        var events = testSwarm.Tracker.EventsOf(client.Host, swarm);
        ScenarioAssert.That(
            events.Skip(events.Count - later.Length).SequenceEqual(later),
            $"the later runs announced {string.Join(", ", events)}"
        );
    }

    /// <summary>A private torrent whose trackers fail does not ask the tracker source.</summary>
    public static async Task PrivateTorrentAsksOnlyItsTrackers(Simulator simulator)
    {
        var content = SwarmContent.OneFile(simulator.Entropy);
        var testSwarm = await TestSwarm.BuildAsync(simulator, content, isPrivate: true);
        testSwarm.Tracker.Fault = TrackerFault.Broken;
        var source = new CountingTrackerSource();
        var client = testSwarm.AddClient("client");
        await client.StartAsync(testSwarm.Download with { TrackerSource = source });
        await simulator.WaitAsync(TimeSpan.FromMinutes(30));
        ScenarioAssert.That(
            source.Searches == 0,
            $"a private torrent asked the tracker source {source.Searches} times"
        );
    }

    /// <summary>
    /// A magnet link names a peer. Its metadata turns out to be private, so the peer is left and not used again.
    /// </summary>
    public static async Task PrivateMagnetDropsItsPeers(Simulator simulator)
    {
        var content = SwarmContent.OneFile(simulator.Entropy);
        var testSwarm = await TestSwarm.BuildAsync(simulator, content, isPrivate: true);
        var untracked = TorrentMetainfo.FromInfo(testSwarm.Metainfo.Info, new MetainfoEdit());
        await testSwarm.Seeder.StartAsync(testSwarm.Download with { Metainfo = untracked, SeedOnly = true });
        var client = testSwarm.AddClient("client");
        await client.StartAsync(
            testSwarm.ByMagnet(link => link with { Peers = [testSwarm.Seeder.Address.ToString()] })
        );
        await simulator.WaitUntilAsync(
            testSwarm.Describe,
            () => client.Status.State == TorrentState.Downloading,
            TestSwarm.Timeout
        );
        await simulator.WaitAsync(TimeSpan.FromMinutes(5));
        ScenarioAssert.That(
            client.Status is { Peers: 0, Done: 0 },
            $"a private torrent uses a peer of the magnet link: {client.Describe()}"
        );
    }

    /// <summary>
    /// The user replaces the tracker of a running torrent, forces an announce, and adds the first tracker again.
    /// </summary>
    public static async Task TrackersAreEdited(Simulator simulator)
    {
        var testSwarm = await TestSwarm.BuildAsync(simulator, SwarmContent.OneFile(simulator.Entropy));
        var (first, second) = (testSwarm.Tracker, await testSwarm.AddTrackerAsync());
        (first.IntervalSeconds, first.MinIntervalSeconds) = (IntervalSeconds, null);
        (second.IntervalSeconds, second.MinIntervalSeconds) = (IntervalSeconds, null);
        var client = await testSwarm.AddLeecherAsync("client");
        await simulator.WaitAsync(TimeSpan.FromSeconds(10));
        await client.Torrent!.SetTrackersAsync([
            [second.Url],
        ]);
        await simulator.WaitAsync(TimeSpan.FromSeconds(10));
        RequireEvents(testSwarm, client, [AnnounceEvent.Started, AnnounceEvent.Stopped]);
        ScenarioAssert.That(second.Announces.Count == 1, "the new tracker was not asked at once");
        await client.Torrent.ReannounceAsync();
        await simulator.WaitAsync(TimeSpan.FromSeconds(10));
        ScenarioAssert.That(second.Announces.Count == 1, "the tracker was asked before it permits it");
        await client.Torrent.ReannounceAsync(force: true);
        await simulator.WaitAsync(TimeSpan.FromSeconds(10));
        ScenarioAssert.That(second.Announces.Count == 2, "a forced announce was not sent");
        await client.Torrent.AddTrackersAsync([
            [second.Url, first.Url],
        ]);
        await simulator.WaitAsync(TimeSpan.FromSeconds(10));
        var trackers = client.Torrent.Trackers.Select(tracker => (tracker.Url, tracker.Tier)).ToArray();
        ScenarioAssert.That(
            trackers.SequenceEqual([(second.Url, 0), (first.Url, 0)]),
            $"the trackers are {string.Join(", ", trackers)}"
        );
    }

    public static Rejection FailureReason(string keys) =>
        new() { Body = Encoding.ASCII.GetBytes($"d14:failure reason4:full{keys}e") };

    private static async Task RunAsync(TestSwarm testSwarm, SwarmClient client, AddTorrent add)
    {
        await client.StartAsync(add);
        await testSwarm.Simulator.WaitUntilAsync(testSwarm.Describe, () => client.IsComplete, TestSwarm.Timeout);
        await testSwarm.Simulator.WaitAsync(TimeSpan.FromSeconds(90));
        await client.StopAsync();
        await testSwarm.Simulator.WaitAsync(TimeSpan.FromSeconds(10));
    }

    private static void RequireCounts(TestSwarm testSwarm, int count)
    {
        var times = testSwarm.Tracker.Announces.GroupBy(one => one.Swarm).ToList();
        var swarms = testSwarm.Metainfo.Info.SwarmIds.Count;
        ScenarioAssert.That(
            times.Count == swarms && times.TrueForAll(group => group.Count() == count),
            $"the tracker was asked {string.Join(", ", testSwarm.Tracker.Announces.Select(one => one.At))} instead of "
                + $"{count} times for each of {swarms} swarms"
        );
    }

    private static void RequireEvents(TestSwarm testSwarm, SwarmClient client, AnnounceEvent[] expected)
    {
        var events = testSwarm.Tracker.EventsOf(client.Host, testSwarm.Metainfo.Info.SwarmIds[0]).Distinct().ToArray();
        ScenarioAssert.That(events.SequenceEqual(expected), $"the tracker received {string.Join(", ", events)}");
    }

    private sealed class CountingTrackerSource : ITrackerSource
    {
        public int Searches { get; private set; }

        public ValueTask<IReadOnlyList<string>> FindAsync(Hash20 swarm, CancellationToken stop)
        {
            Searches++;
            return ValueTask.FromResult<IReadOnlyList<string>>([]);
        }
    }
}
