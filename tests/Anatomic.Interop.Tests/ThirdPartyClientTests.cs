using Anatomic.Interop.Tests.Clients;
using Anatomic.Interop.Tests.Lab;

namespace Anatomic.Interop.Tests;

/// <summary>Each client downloads what we planted and seed, and seeds what we download.</summary>
public sealed class ThirdPartyClientTests(PlantedLab lab) : IClassFixture<PlantedLab>
{
    private const int PayloadBytes = (4 << 20) + 12_345;

    [InteropTheory("transmission-daemon", "qbittorrent-nox", "aria2c", "rtorrent")]
    [InlineData("transmission")]
    [InlineData("qbittorrent")]
    [InlineData("aria2")]
    [InlineData("rtorrent")]
    public async Task A_client_downloads_through_a_node_over_http(string client)
    {
        await using var node = await lab.StartNodeAsync(lab.Nodes[0]);
        await DownloadAsync(client, "http", lab.Nodes[0], PlantedLab.AnnounceUrl(lab.Nodes[0]));
    }

    [InteropTheory("transmission-daemon", "qbittorrent-nox", "aria2c", "rtorrent")]
    [InlineData("transmission")]
    [InlineData("qbittorrent")]
    [InlineData("aria2")]
    [InlineData("rtorrent")]
    public async Task A_client_downloads_through_a_node_over_udp(string client)
    {
        await using var node = await lab.StartNodeAsync(lab.Nodes[0]);
        var udp = $"udp://{lab.Nodes[0].Address}:{PlantedLab.TrackerPort}/announce";
        await DownloadAsync(client, "udp", lab.Nodes[0], udp);
    }

    /// <summary>
    /// Transmission 3 and aria2 are missing here because they fail on any hybrid torrent: both mishandle the empty keys
    /// of its file tree. Transmission 3 cannot read it, and aria2 computes a different info-hash.
    /// </summary>
    [InteropTheory("qbittorrent-nox", "rtorrent")]
    [InlineData("qbittorrent")]
    [InlineData("rtorrent")]
    public async Task A_client_downloads_a_hybrid_torrent(string client)
    {
        await using var node = await lab.StartNodeAsync(lab.Nodes[0]);
        await DownloadAsync(client, "hybrid", lab.Nodes[0], PlantedLab.AnnounceUrl(lab.Nodes[0]));
    }

    [InteropTheory("transmission-daemon", "qbittorrent-nox", "aria2c", "rtorrent")]
    [InlineData("transmission")]
    [InlineData("qbittorrent")]
    [InlineData("aria2")]
    [InlineData("rtorrent")]
    public async Task A_client_seeds_to_our_get(string client)
    {
        await using var node = await lab.StartNodeAsync(lab.Nodes[0]);
        var file = Payload.Write(lab.Planter.PathOf("from-" + client, "payload.bin"), PayloadBytes, seed: 7);
        var torrent = await lab.PlantAsync(file, nodes: 1, "--format", "v1");
        await using var running = ThirdPartyClient
            .Named(client)
            .Start(lab.Seeder, torrent, Path.GetDirectoryName(file)!, seeds: true);
        await lab.WaitForSeedAsync(lab.Nodes[0], torrent, running);

        var folder = lab.Client.MakeFolder("from-" + client);
        await lab.Client.AnatomicAsync(
            "get",
            torrent,
            "-o",
            folder,
            "--listen",
            $"{lab.Client.Address}:6882",
            "--allow-private"
        );

        await Payload.WaitForFileAsync(file, Path.Combine(folder, "payload.bin"), running);
    }

    private async Task DownloadAsync(string client, string way, LabHost node, string tracker)
    {
        var file = Payload.Write(lab.Planter.PathOf($"{way}-{client}", "payload.bin"), PayloadBytes, seed: 5);
        var planted = await lab.PlantAsync(file, nodes: 1, "--format", way == "hybrid" ? "hybrid" : "v1");
        var torrent = PlantedLab.WithTrackers(planted, file + ".only.torrent", tracker);
        await using var seeder = await PlantedLab.SeedAsync(lab.Seeder, torrent, file);
        await lab.WaitForSeedAsync(node, torrent, seeder);

        var folder = lab.Client.MakeFolder($"{way}-{client}");
        await using var running = ThirdPartyClient
            .Named(client)
            .Start(lab.Client, torrent, folder, seeds: false, overUdp: way == "udp");

        await Payload.WaitForFileAsync(file, Path.Combine(folder, "payload.bin"), running, seeder);
    }
}
