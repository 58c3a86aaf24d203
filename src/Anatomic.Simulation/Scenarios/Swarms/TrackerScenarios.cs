using Anatomic.Engine.Sessions;
using Anatomic.Engine.Trackers;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;
using Anatomic.Wire.Trackers;

namespace Anatomic.Simulation.Scenarios.Swarms;

/// <summary>What clients tell their trackers, and where they turn when those fail.</summary>
public static class TrackerScenarios
{
    /// <summary>Each event reaches the tracker once for each id, even when the client ends the moment it is complete.</summary>
    public static async Task EventsComeOnce(Universe universe)
    {
        var lab = await SwarmLab.BuildAsync(universe, LabContent.OneFile(universe.Entropy), TorrentFormat.Hybrid);
        await lab.SeedAsync();
        // A tracker that takes its time: the client is complete before it has heard of it.
        lab.Tracker.Delay = TimeSpan.FromMilliseconds(universe.Entropy.Next(1500));
        var patient = lab.AddClient("patient");
        var hasty = lab.AddClient("hasty");
        AddTorrent from(LabClient seeder) => lab.Download with { Peers = [seeder.At.ToString()] };
        await patient.StartAsync(from(lab.Seeder));
        await hasty.StartAsync(from(lab.Seeder));
        await hasty.Torrent!.Completed;
        await hasty.StopAsync();
        await lab.FinishAsync(patient);
        await universe.WaitAsync(TimeSpan.FromMinutes(3));
        await patient.StopAsync();
        await lab.Seeder.StopAsync();
        await universe.WaitAsync(TimeSpan.FromSeconds(10));
        foreach (var swarm in lab.Metainfo.Info.SwarmIds)
        {
            AnnounceEvent[] whole = [AnnounceEvent.Started, AnnounceEvent.Completed, AnnounceEvent.Stopped];
            RequireEvents(lab.Tracker, patient, swarm, whole);
            RequireEvents(lab.Tracker, hasty, swarm, whole);
            RequireEvents(lab.Tracker, lab.Seeder, swarm, [AnnounceEvent.Started, AnnounceEvent.Stopped]);
        }
    }

    /// <summary>The only tracker fails or says that nothing is planted: the finder names another, and the peers meet there.</summary>
    public static Func<Universe, Task> FinderLeadsOn(TrackerMood mood) =>
        async universe =>
        {
            var lab = await SwarmLab.BuildAsync(universe, LabContent.OneFile(universe.Entropy));
            var other = await lab.AddTrackerAsync();
            lab.Tracker.Mood = mood;
            var finder = new Finder(other.Url);
            await lab.Seeder.StartAsync(lab.Download with { SeedOnly = true, Finder = finder });
            var leecher = lab.AddClient("leecher");
            await leecher.StartAsync(lab.Download with { Finder = finder });
            await lab.FinishAsync(leecher);
            var said = leecher.Status.Trackers.Single(tracker => tracker.Url == lab.Tracker.Url).Message;
            var wanted = mood == TrackerMood.NotPlanted ? "not planted" : "500";
            Village.Require(
                said.Contains(wanted, StringComparison.Ordinal),
                $"the failed tracker's message is '{said}'"
            );
            var found = leecher.Status.Trackers.Single(tracker => tracker.Url == other.Url);
            Village.Require(found is { Tier: -1, Working: true }, $"the found tracker stands as {found}");
            Village.Require(found.Message.Length > 0, "a tracker that answers has no message");
        };

    /// <summary>Datagrams to a UDP tracker are lost: each is sent again after 3, then 5 seconds.</summary>
    public static async Task UdpIsSentAgain(Universe universe)
    {
        universe.Internet.Links = universe.Internet.Links with { DatagramLoss = 0 };
        var lab = await SwarmLab.BuildAsync(universe, LabContent.OneFile(universe.Entropy), overUdp: true);
        await lab.SeedAsync();
        await universe.WaitUntilAsync(lab.Describe, () => lab.Tracker.Told.Count == 1, SwarmLab.Patience);
        var before = lab.Tracker.Datagrams.Count;
        lab.Tracker.Deaf = 2;
        var leecher = await lab.AddLeecherAsync("leecher");
        await lab.FinishAsync(leecher);
        var times = lab.Tracker.Datagrams.Skip(before).ToList();
        RequireGap(times[1] - times[0], 3);
        RequireGap(times[2] - times[1], 5);
    }

    /// <summary>A third of all datagrams is lost, in both directions, and all clients finish.</summary>
    public static async Task UdpWithLoss(Universe universe)
    {
        universe.Internet.Links = universe.Internet.Links with { DatagramLoss = 0.33 };
        var lab = await SwarmLab.BuildAsync(universe, LabContent.OneFile(universe.Entropy), overUdp: true);
        await lab.SeedAsync();
        await lab.FinishAsync(await lab.AddLeecherAsync("leecher-1"), await lab.AddLeecherAsync("leecher-2"));
    }

    /// <summary>Everything over IPv6, the tracker by HTTP and by UDP.</summary>
    public static Func<Universe, Task> OverV6(bool overUdp) =>
        async universe =>
        {
            var content = LabContent.OneFile(universe.Entropy);
            var lab = await SwarmLab.BuildAsync(universe, content, TorrentFormat.Hybrid, overUdp, isV6: true);
            await lab.SeedAsync();
            await lab.FinishAsync(
                await lab.AddLeecherAsync("leecher-1", isV6: true),
                await lab.AddLeecherAsync("leecher-2", isV6: true)
            );
        };

    /// <summary>
    /// The second tier is asked only while the first fails; when that works again, it is used again, and both hear of the end.
    /// </summary>
    public static async Task TiersInTheirOrder(Universe universe)
    {
        var lab = await SwarmLab.BuildAsync(universe, LabContent.OneFile(universe.Entropy));
        var second = await lab.AddTrackerAsync();
        lab.Tracker.Mood = TrackerMood.Broken;
        var client = lab.AddClient("client");
        await client.StartAsync(lab.Download with { Trackers = [second.Url] });
        await universe.WaitUntilAsync(lab.Describe, () => second.Told.Count > 0, SwarmLab.Patience);
        Village.Require(lab.Tracker.Told.Count == 0, "a broken tracker answered");
        lab.Tracker.Mood = TrackerMood.Answers;
        await universe.WaitUntilAsync(lab.Describe, () => lab.Tracker.Told.Count > 0, SwarmLab.Patience);
        var last = second.Told.Count;
        await universe.WaitAsync(TimeSpan.FromMinutes(5));
        Village.Require(second.Told.Count == last, "the second tier is asked while the first works");
        await client.StopAsync();
        await universe.WaitAsync(TimeSpan.FromSeconds(10));
        AnnounceEvent[] both = [AnnounceEvent.Started, AnnounceEvent.Stopped];
        RequireEvents(lab.Tracker, client, lab.Metainfo.Info.SwarmIds[0], both);
        RequireEvents(second, client, lab.Metainfo.Info.SwarmIds[0], both);
    }

    private static void RequireEvents(LabTracker tracker, LabClient client, Hash20 swarm, AnnounceEvent[] wanted)
    {
        var heard = tracker.EventsOf(client.Host, swarm);
        Village.Require(
            heard.SequenceEqual(wanted),
            $"{tracker.Host.Name} heard {string.Join(", ", heard)} of {client.Host.Name} in {swarm}, not {string.Join(", ", wanted)}"
        );
    }

    private static void RequireGap(TimeSpan gap, int seconds) =>
        Village.Require(
            Math.Abs(gap.TotalSeconds - seconds) < 0.2,
            $"a datagram was sent again after {gap.TotalSeconds:F2} s, not {seconds}"
        );

    private sealed class Finder(params string[] urls) : ITrackerFinder
    {
        public ValueTask<IReadOnlyList<string>> FindAsync(Hash20 swarm, CancellationToken stop) =>
            ValueTask.FromResult<IReadOnlyList<string>>(urls);
    }
}
