using Anatomic.Engine.Creation;
using Anatomic.Engine.Sessions;
using Anatomic.Wire.Magnets;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Simulation.Scenarios.Swarms;

/// <summary>A tracker, a seeder and clients: the engine alone, with everything around it under the scenario's hand.</summary>
public sealed class SwarmLab
{
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);
    private readonly List<LabClient> clients = [];
    private int trackers;

    private SwarmLab(Universe universe, LabContent content)
    {
        Universe = universe;
        Content = content;
        universe.Always(
            "no wrong piece is claimed",
            () => clients.Select(client => client.Check()).FirstOrDefault(wrong => wrong is not null)
        );
    }

    public Universe Universe { get; }
    public LabContent Content { get; }
    public IReadOnlyList<LabClient> Clients => clients;
    public LabTracker Tracker { get; private set; } = null!;
    public TorrentMetainfo Metainfo { get; private set; } = null!;

    /// <summary>The one that has everything; it seeds once <see cref="SeedAsync"/> is called.</summary>
    public LabClient Seeder { get; private set; } = null!;

    /// <summary>How a client without wishes downloads it.</summary>
    public AddTorrent Download => new() { Metainfo = Metainfo, Folder = LabClient.Folder };

    /// <summary>Makes the content's torrent at the seeder's, announced at one tracker.</summary>
    public static async Task<SwarmLab> BuildAsync(
        Universe universe,
        LabContent content,
        TorrentFormat format = TorrentFormat.V1,
        bool overUdp = false,
        bool isV6 = false
    )
    {
        var lab = new SwarmLab(universe, content);
        lab.Tracker = await lab.AddTrackerAsync(isV6);
        lab.Seeder = lab.AddClient("seeder", isV6);
        content.PlaceOn(lab.Seeder.Host);
        lab.Metainfo = await lab.Seeder.Host.RunAsync(world =>
            TorrentCreator.CreateAsync(
                world,
                $"{LabClient.Folder}/{content.Name}",
                new CreateOptions
                {
                    Format = format,
                    PieceLength = LabContent.PieceLength,
                    AnnounceTiers =
                    [
                        [overUdp ? lab.Tracker.UdpUrl : lab.Tracker.Url],
                    ],
                },
                progress: null,
                CancellationToken.None
            )
        );
        return lab;
    }

    public async Task<LabTracker> AddTrackerAsync(bool isV6 = false)
    {
        var number = ++trackers;
        var tracker = new LabTracker(
            Universe,
            Universe.AddHost($"tracker-{number}", isV6 ? $"fd00::1:{number}" : $"10.5.0.{number}")
        );
        await tracker.StartAsync();
        return tracker;
    }

    public LabClient AddClient(string name, bool isV6 = false)
    {
        var number = clients.Count + 1;
        var client = new LabClient(Universe.AddHost(name, isV6 ? $"fd00::2:{number}" : $"10.4.0.{number}"), Content);
        clients.Add(client);
        return client;
    }

    /// <summary>The seeder has checked its data and takes connections.</summary>
    public async Task SeedAsync(Func<SessionOptions, SessionOptions>? configure = null)
    {
        await Seeder.StartAsync(Download with { SeedOnly = true }, configure);
        await Universe.WaitUntilAsync(Describe, () => Seeder.IsComplete, Patience);
    }

    public async Task<LabClient> AddLeecherAsync(string name, bool isV6 = false)
    {
        var leecher = AddClient(name, isV6);
        await leecher.StartAsync(Download);
        return leecher;
    }

    /// <summary>The magnet link, with the torrent's trackers.</summary>
    public AddTorrent ByMagnet(Func<MagnetLink, MagnetLink>? configure = null)
    {
        var link = MagnetLink.Of(Metainfo);
        return new() { Magnet = configure?.Invoke(link) ?? link, Folder = LabClient.Folder };
    }

    /// <summary>Waits until they have everything, and compares each file.</summary>
    public async Task FinishAsync(params IReadOnlyList<LabClient> downloading)
    {
        await Universe.WaitUntilAsync(Describe, () => downloading.All(client => client.IsComplete), Patience);
        foreach (var client in downloading)
        {
            Village.Require(client.WrongFile() is null, client.WrongFile()!);
        }
    }

    public string Describe() =>
        "what was waited for" + string.Concat(clients.Select(client => $"\n  {client.Describe()}"));
}
