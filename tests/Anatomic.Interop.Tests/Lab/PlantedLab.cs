using Anatomic.Wire.Metainfo;

namespace Anatomic.Interop.Tests.Lab;

/// <summary>A lab with a supernode and two nodes, and helpers to plant on them.</summary>
public sealed class PlantedLab : IAsyncLifetime
{
    public const int TrackerPort = 6969;
    public const int SupernodePort = 8080;
    private const string Network = "local-interop";
    private NetworkLab? lab;

    public LabHost Supernode { get; private set; } = null!;
    public LabHost Planter { get; private set; } = null!;
    public LabHost Seeder { get; private set; } = null!;
    public LabHost Client { get; private set; } = null!;
    public IReadOnlyList<LabHost> Nodes { get; private set; } = null!;

    public string SupernodeUrl => $"http://{Supernode.Address}:{SupernodePort}/";

    public async Task InitializeAsync()
    {
        if (Prerequisites.Missing(hosts: true, []) is not null)
        {
            return; // every test that would use the lab is skipped
        }
        lab = new NetworkLab();
        Supernode = lab.AddHost("supernode");
        Nodes = [lab.AddHost("node1"), lab.AddHost("node2")];
        Planter = lab.AddHost("planter");
        Seeder = lab.AddHost("seeder");
        Client = lab.AddHost("client");
        var supernode = Supernode.Anatomic([
            "supernode",
            "--listen",
            $"{Supernode.Address}:{SupernodePort}",
            "--data",
            Supernode.PathOf("state"),
            "--net",
            Network,
            "--allow-private",
        ]);
        await supernode.WaitForLineAsync("listening", TimeSpan.FromSeconds(60));
    }

    public async Task DisposeAsync() => await (lab?.DisposeAsync() ?? ValueTask.CompletedTask);

    public static string AnnounceUrl(LabHost node) => $"http://{node.Address}:{TrackerPort}/announce";

    /// <summary>Starts a node and waits until the supernode can place torrents on it.</summary>
    public async Task<RunningProgram> StartNodeAsync(LabHost node)
    {
        var program = node.Anatomic([
            "node",
            "--listen",
            $"{node.Address}:{TrackerPort}",
            "--data",
            node.PathOf("state"),
            "--supernode",
            SupernodeUrl,
            "--net",
            Network,
            "--allow-private",
        ]);
        await program.WaitForLineAsync("listening", TimeSpan.FromSeconds(60));
        await Payload.WaitUntilAsync(
            () =>
                NamespaceHttp
                    .Get(Planter, Supernode.Address, SupernodePort, "/records?role=node")
                    .Contains(node.Address),
            () => $"the supernode never accepted the record of {node.Name}:\n{program.Output}"
        );
        return program;
    }

    /// <summary>
    /// Creates a torrent from a file on the planter's host and plants it; returns the planted .torrent.
    /// </summary>
    public async Task<string> PlantAsync(string file, int nodes, params IEnumerable<string> createFlags)
    {
        var plain = file + ".plain.torrent";
        await Planter.AnatomicAsync(["create", file, "-o", plain, .. createFlags]);
        return await PlantTorrentAsync(plain, file + ".torrent", nodes);
    }

    /// <summary>The same; also returns the magnet link that the planter prints.</summary>
    public async Task<(string Torrent, string Magnet)> PlantForMagnetAsync(
        string path,
        int nodes,
        params IEnumerable<string> createFlags
    )
    {
        var plain = path + ".plain.torrent";
        await Planter.AnatomicAsync(["create", path, "-o", plain, .. createFlags]);
        var written = await RunPlantAsync(plain, path + ".torrent", nodes);
        const string label = "magnet: ";
        var line = written.Split('\n').Single(line => line.StartsWith(label, StringComparison.Ordinal));
        return (path + ".torrent", line[label.Length..]);
    }

    public async Task<string> PlantTorrentAsync(string torrent, string output, int nodes)
    {
        await RunPlantAsync(torrent, output, nodes);
        return output;
    }

    private Task<string> RunPlantAsync(string torrent, string output, int nodes) =>
        Planter.AnatomicAsync([
            "plant",
            torrent,
            "-o",
            output,
            "--nodes",
            $"{nodes}",
            "--supernode",
            SupernodeUrl,
            "--net",
            Network,
            "--allow-private",
        ]);

    /// <summary>Starts our own client as a seeder.</summary>
    public static async Task<RunningProgram> SeedAsync(LabHost host, string torrent, string data)
    {
        var program = host.Anatomic([
            "seed",
            torrent,
            "--data",
            data,
            "--listen",
            $"{host.Address}:6881",
            "--allow-private",
        ]);
        await program.WaitForLineAsync("seeding", TimeSpan.FromSeconds(60));
        return program;
    }

    /// <summary>Waits until a scrape of the tracker shows a seed of the torrent.</summary>
    public async Task WaitForSeedAsync(LabHost tracker, string torrent, params RunningProgram[] programs)
    {
        var hash = Convert.ToHexStringLower(ReadTorrent(torrent).Info.SwarmIds[0].ToArray());
        var escaped = string.Concat(hash.Chunk(2).Select(pair => "%" + new string(pair)));
        await Payload.WaitUntilAsync(
            () =>
                NamespaceHttp
                    .Get(Planter, tracker.Address, TrackerPort, $"/scrape?info_hash={escaped}")
                    .Contains("8:completei1e"),
            () =>
                $"{tracker.Name} never had a seed:\n"
                + string.Join('\n', programs.Select(one => $"--- {one.Name}\n{one.Output}"))
        );
    }

    /// <summary>Writes the torrent with only these trackers.</summary>
    public static string WithTrackers(string torrent, string output, params IReadOnlyList<string> trackers)
    {
        var edit = new MetainfoEdit { AnnounceTiers = [.. trackers.Select(tracker => new[] { tracker })] };
        File.WriteAllBytes(output, ReadTorrent(torrent).Rewrite(edit));
        return output;
    }

    public static TorrentMetainfo ReadTorrent(string path)
    {
        TorrentMetainfo
            .TryRead(File.ReadAllBytes(path), out var metainfo, out var fault)
            .ShouldBeTrue($"{path}: {fault}");
        return metainfo!;
    }
}
