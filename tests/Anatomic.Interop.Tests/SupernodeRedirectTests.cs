using Anatomic.Interop.Tests.Clients;
using Anatomic.Interop.Tests.Lab;

namespace Anatomic.Interop.Tests;

/// <summary>
/// Every node that the torrent names is gone; only the supernode's redirect leads to the current holder.
/// </summary>
public sealed class SupernodeRedirectTests(PlantedLab lab) : IClassFixture<PlantedLab>
{
    private const int PayloadBytes = 3 << 20;

    // A dead node leaves the redirects within 120 s: one poll per minute and two retries.
    private static readonly TimeSpan RedirectTimeout = TimeSpan.FromSeconds(180);

    [InteropFact("transmission-daemon", "qbittorrent-nox", "aria2c", "rtorrent")]
    public async Task The_redirect_leads_every_client_to_the_current_holder()
    {
        var file = Payload.Write(lab.Planter.PathOf("redirect", "payload.bin"), PayloadBytes, seed: 11);
        var first = await lab.StartNodeAsync(lab.Nodes[0]);
        var planted = await lab.PlantAsync(file, nodes: 1, "--format", "v1");
        var named = PlantedLab.ReadTorrent(planted).AnnounceTiers.SelectMany(tier => tier).ToList();
        named.ShouldContain(PlantedLab.AnnounceUrl(lab.Nodes[0]));
        named.ShouldContain($"http://{lab.Supernode.Address}:{PlantedLab.SupernodePort}/announce");

        await first.KillAsync();
        await using var second = await lab.StartNodeAsync(lab.Nodes[1]);
        var renewed = await lab.PlantTorrentAsync(file + ".plain.torrent", file + ".renewed.torrent", nodes: 1);
        await using var seeder = await PlantedLab.SeedAsync(lab.Seeder, renewed, file);
        await lab.WaitForSeedAsync(lab.Nodes[1], renewed, seeder);
        await WaitForRedirectAsync(lab.Nodes[1], planted);

        foreach (var client in ThirdPartyClient.All)
        {
            var folder = lab.Client.MakeFolder("redirect-" + client.Name);
            await using var running = client.Start(lab.Client, planted, folder, seeds: false);
            await Payload.WaitForFileAsync(file, Path.Combine(folder, "payload.bin"), running, seeder);
        }
    }

    private async Task WaitForRedirectAsync(LabHost node, string torrent)
    {
        var hash = PlantedLab.ReadTorrent(torrent).Info.SwarmIds[0].ToString();
        var escaped = string.Concat(hash.Chunk(2).Select(pair => "%" + new string(pair)));
        var target = $"/announce?info_hash={escaped}&peer_id=-XX0000-aaaaaaaaaaaa&port=1&left=1&compact=1";
        var reply = "";
        await Payload.WaitUntilAsync(
            () =>
            {
                reply = NamespaceHttp.Get(lab.Client, lab.Supernode.Address, PlantedLab.SupernodePort, target);
                return reply.Contains(" 302 ") && reply.Contains(node.Address);
            },
            () => "the supernode never redirected to the new holder; its last reply:\n" + reply,
            RedirectTimeout
        );
    }
}
