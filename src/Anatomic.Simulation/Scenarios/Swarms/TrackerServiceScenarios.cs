using Anatomic.Engine.Sessions;
using Anatomic.Engine.Settings;
using Anatomic.Engine.Torrents;
using Anatomic.Wire;
using Anatomic.Wire.Magnets;
using Anatomic.Wire.Trackers;

namespace Anatomic.Simulation.Scenarios.Swarms;

/// <summary>One session with many torrents, and trackers with several addresses.</summary>
public static class TrackerServiceScenarios
{
    private const int Torrents = 300;

    /// <summary>
    /// Hundreds of torrents have a silent UDP tracker in their first tier. They use one socket, leave the silent
    /// tracker alone after a few tries, and reach the tracker of their second tier.
    /// </summary>
    public static async Task SilentTrackerHoldsNobodyBack(Simulator simulator)
    {
        simulator.Internet.Links = simulator.Internet.Links with { DatagramLoss = 0 };
        var silent = await StartTrackerAsync(simulator, "silent", "10.5.0.1");
        silent.Fault = TrackerFault.Broken;
        var good = await StartTrackerAsync(simulator, "good", "10.5.0.2");
        (silent.IntervalSeconds, good.IntervalSeconds) = (1800, 1800);
        var host = simulator.AddHost("client", "10.4.0.1");
        await using var session = new ManyTorrents(host);
        await session.StartAsync(Torrents, [silent.UdpUrl, good.UdpUrl]);
        await simulator.WaitUntilAsync(
            () => $"all torrents at the good tracker, not {good.Announces.Count}",
            () => good.Announces.Select(one => one.Swarm).Distinct().Count() == Torrents,
            TimeSpan.FromMinutes(2)
        );
        await simulator.WaitAsync(TimeSpan.FromMinutes(10));
        ScenarioAssert.That(
            silent.Datagrams.Count < 60,
            $"the silent tracker received {silent.Datagrams.Count} datagrams of {Torrents} torrents"
        );
        ScenarioAssert.That(
            silent.Senders.Union(good.Senders).Count() == 1,
            $"the trackers saw {silent.Senders.Union(good.Senders).Count()} sockets"
        );
        ScenarioAssert.That(
            good.Announces.Count == Torrents,
            $"the good tracker received {good.Announces.Count} announces of {Torrents} torrents"
        );
        var connects = good.Datagrams.Count - good.Announces.Count;
        ScenarioAssert.That(connects <= 5, $"{connects} connection ids were fetched for {Torrents} announces");
    }

    /// <summary>
    /// The tracker has an address of each family. Both are asked, and when one is silent, the other one's peers are
    /// used at once and the tracker counts as working.
    /// </summary>
    public static Func<Simulator, Task> BothFamilies(bool overUdp, bool isV6Silent) =>
        async simulator =>
        {
            simulator.Internet.Links = simulator.Internet.Links with { DatagramLoss = 0 };
            var host = simulator.AddHost("tracker", "10.5.0.1", "fd00::1:1");
            simulator.Internet.AddName("tracker.example", [.. host.Addresses]);
            var tracker = new ScriptedTracker(simulator, host);
            await tracker.StartAsync(isV6Silent ? [host.Addresses[0]] : host.Addresses);
            var url = $"{(overUdp ? "udp" : "http")}://tracker.example:80/announce";
            var client = simulator.AddHost("client", "10.4.0.1", "fd00::2:1");
            await using var session = new ManyTorrents(client);
            await session.StartAsync(1, [url]);
            await simulator.WaitUntilAsync(
                () => "a working tracker",
                () => session.All[0].Trackers is [{ Working: true }],
                TimeSpan.FromMinutes(1)
            );
            var families = tracker.Announces.Select(one => one.Peer.IsV4).Distinct().Count();
            ScenarioAssert.That(families == (isV6Silent ? 1 : 2), $"the tracker was asked over {families} families");
            await simulator.WaitAsync(TimeSpan.FromMinutes(5));
            await session.DisposeAsync();
            await simulator.WaitAsync(TimeSpan.FromSeconds(10));
            ScenarioAssert.That(
                tracker.Announces.Count(one => one.Event == AnnounceEvent.Stopped) == families,
                "not every family was told that the client stopped"
            );
        };

    private static async Task<ScriptedTracker> StartTrackerAsync(Simulator simulator, string name, string address)
    {
        var tracker = new ScriptedTracker(simulator, simulator.AddHost(name, address));
        await tracker.StartAsync();
        return tracker;
    }

    /// <summary>A session with torrents whose metadata nobody has.</summary>
    private sealed class ManyTorrents(SimulatedHost host) : IAsyncDisposable
    {
        private Session? session;

        public List<Torrent> All { get; } = [];

        public Task StartAsync(int count, IReadOnlyList<string> trackers) =>
            host.RunAsync(async world =>
            {
                var options = new SessionOptions { Listen = [Endpoint.FromV4(0, 6881)], AllowPrivate = true };
                session = await Session.StartAsync(world, options, CancellationToken.None);
                for (var i = 0; i < count; i++)
                {
                    var magnet = new MagnetLink
                    {
                        HashV1 = new Hash20(host.World.Entropy.Bytes(Hash20.Length)),
                        Trackers = trackers,
                    };
                    All.Add(
                        await session.AddAsync(
                            new AddTorrent { Magnet = magnet, Folder = SwarmClient.Folder },
                            CancellationToken.None
                        )
                    );
                }
            });

        public async ValueTask DisposeAsync()
        {
            if (session is { } running)
            {
                session = null;
                await host.RunAsync(async _ => await running.DisposeAsync());
            }
        }
    }
}
