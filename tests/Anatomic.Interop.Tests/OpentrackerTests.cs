using Anatomic.Interop.Tests.Lab;

namespace Anatomic.Interop.Tests;

/// <summary>
/// A torrent that was never planted, with opentracker as its only tracker: our client works without our network.
/// </summary>
public sealed class OpentrackerTests
{
    [InteropFact("opentracker")]
    public Task Opentracker_serves_our_get_and_seed_over_http() => TransferAsync("http");

    [InteropFact("opentracker")]
    public Task Opentracker_serves_our_get_and_seed_over_udp() => TransferAsync("udp");

    private static async Task TransferAsync(string scheme)
    {
        await using var lab = new NetworkLab();
        var tracker = lab.AddHost("tracker");
        var seeder = lab.AddHost("seeder");
        var client = lab.AddHost("client");
        var file = Payload.Write(seeder.PathOf("payload.bin"), (2 << 20) + 1, seed: 17);
        var torrent = seeder.PathOf("one.torrent");
        await seeder.AnatomicAsync(
            "create",
            file,
            "-o",
            torrent,
            "--format",
            "v1",
            "--tracker",
            $"{scheme}://{tracker.Address}:6969/announce"
        );
        // Debian builds opentracker with a whitelist of torrents.
        var hash = PlantedLab.ReadTorrent(torrent).Info.SwarmIds[0].ToString();
        await File.WriteAllTextAsync(tracker.PathOf("whitelist.txt"), hash + "\n");
        tracker.Start(
            "opentracker",
            "opentracker",
            "-i",
            tracker.Address,
            "-p",
            "6969",
            "-P",
            "6969",
            "-d",
            tracker.Folder,
            "-w",
            "whitelist.txt"
        );

        var seed = seeder.Anatomic(
            "seed",
            torrent,
            "--data",
            file,
            "--listen",
            $"{seeder.Address}:6881",
            "--allow-private"
        );
        await seed.WaitForLineAsync("seeding", TimeSpan.FromSeconds(60));
        var folder = client.MakeFolder("got");
        await client.AnatomicAsync(
            "get",
            torrent,
            "-o",
            folder,
            "--listen",
            $"{client.Address}:6881",
            "--allow-private"
        );

        await Payload.WaitForFileAsync(file, Path.Combine(folder, "payload.bin"), seed);
    }
}
