using Anatomic.Interop.Tests.Clients;
using Anatomic.Interop.Tests.Lab;

namespace Anatomic.Interop.Tests;

/// <summary>
/// Two ordinary clients that announce to different nodes can find each other only if the nodes share peers.
/// </summary>
public sealed class PeerSharingTests(PlantedLab lab) : IClassFixture<PlantedLab>
{
    [InteropFact("qbittorrent-nox", "aria2c")]
    public async Task Two_ordinary_clients_find_each_other_through_different_nodes()
    {
        await using var first = await lab.StartNodeAsync(lab.Nodes[0]);
        await using var second = await lab.StartNodeAsync(lab.Nodes[1]);
        var file = Payload.Write(lab.Planter.PathOf("sharing", "payload.bin"), 2 << 20, seed: 13);
        var planted = await lab.PlantAsync(file, nodes: 2, "--format", "v1");
        var atFirst = PlantedLab.WithTrackers(planted, file + ".1.torrent", PlantedLab.AnnounceUrl(lab.Nodes[0]));
        var atSecond = PlantedLab.WithTrackers(planted, file + ".2.torrent", PlantedLab.AnnounceUrl(lab.Nodes[1]));

        await using var seeder = new QBittorrent().Start(
            lab.Seeder,
            atFirst,
            Path.GetDirectoryName(file)!,
            seeds: true
        );
        await lab.WaitForSeedAsync(lab.Nodes[0], planted, seeder);
        await lab.WaitForSeedAsync(lab.Nodes[1], planted, seeder, first, second);
        var folder = lab.Client.MakeFolder("sharing");
        await using var leecher = new Aria2().Start(lab.Client, atSecond, folder, seeds: false);

        await Payload.WaitForFileAsync(file, Path.Combine(folder, "payload.bin"), leecher, seeder);
    }
}
