using Anatomic.Interop.Tests.Clients;
using Anatomic.Interop.Tests.Lab;

namespace Anatomic.Interop.Tests;

/// <summary>The magnet link that the planter prints is enough, whichever clients seed and download.</summary>
public sealed class MagnetLinkTests(PlantedLab lab) : IClassFixture<PlantedLab>
{
    private const int PayloadBytes = (2 << 20) + 12_345;

    [InteropTheory]
    [InlineData("v1")]
    [InlineData("v2")]
    [InlineData("hybrid")]
    public async Task A_magnet_link_leads_our_get_to_our_seed(string format)
    {
        await using var node = await lab.StartNodeAsync(lab.Nodes[0]);
        var file = Payload.Write(lab.Planter.PathOf("magnet-" + format, "payload.bin"), PayloadBytes, seed: 21);
        var (torrent, magnet) = await lab.PlantForMagnetAsync(file, nodes: 1, "--format", format);
        await using var seeder = await PlantedLab.SeedAsync(lab.Seeder, torrent, file);
        await lab.WaitForSeedAsync(lab.Nodes[0], torrent, seeder);

        await GetAsync(magnet, file, "own-" + format, seeder);
    }

    [InteropTheory("transmission-daemon", "qbittorrent-nox", "aria2c", "rtorrent")]
    [InlineData("transmission")]
    [InlineData("qbittorrent")]
    [InlineData("aria2")]
    [InlineData("rtorrent")]
    public async Task A_magnet_link_leads_our_get_to_another_client(string client)
    {
        await using var node = await lab.StartNodeAsync(lab.Nodes[0]);
        var file = Payload.Write(lab.Planter.PathOf("magnet-" + client, "payload.bin"), PayloadBytes, seed: 22);
        var (torrent, magnet) = await lab.PlantForMagnetAsync(file, nodes: 1, "--format", "v1");
        await using var running = ThirdPartyClient
            .Named(client)
            .Start(lab.Seeder, torrent, Path.GetDirectoryName(file)!, seeds: true);
        await lab.WaitForSeedAsync(lab.Nodes[0], torrent, running);

        await GetAsync(magnet, file, "from-" + client, running);
    }

    [InteropTheory("qbittorrent-nox", "aria2c")]
    [InlineData("qbittorrent")]
    [InlineData("aria2")]
    public async Task A_magnet_link_leads_another_client_to_our_seed(string client)
    {
        await using var node = await lab.StartNodeAsync(lab.Nodes[0]);
        var file = Payload.Write(lab.Planter.PathOf("magnet-to-" + client, "payload.bin"), PayloadBytes, seed: 23);
        var (torrent, magnet) = await lab.PlantForMagnetAsync(file, nodes: 1, "--format", "v1");
        await using var seeder = await PlantedLab.SeedAsync(lab.Seeder, torrent, file);
        await lab.WaitForSeedAsync(lab.Nodes[0], torrent, seeder);

        var folder = lab.Client.MakeFolder("magnet-to-" + client);
        await using var running = ThirdPartyClient.Named(client).Start(lab.Client, magnet, folder, seeds: false);

        await Payload.WaitForFileAsync(file, Path.Combine(folder, "payload.bin"), running, seeder);
    }

    private async Task GetAsync(string magnet, string file, string folderName, RunningProgram seeder)
    {
        var folder = lab.Client.MakeFolder(folderName);
        await lab.Client.AnatomicAsync(
            "get",
            magnet,
            "-o",
            folder,
            "--listen",
            $"{lab.Client.Address}:6882",
            "--allow-private"
        );
        await Payload.WaitForFileAsync(file, Path.Combine(folder, "payload.bin"), seeder);
    }
}
