using Anatomic.Wire.Metainfo;

namespace Anatomic.Simulation.Scenarios.Swarms;

/// <summary>Every format of torrent, one file and many, by file and by magnet link.</summary>
public static class FormatScenarios
{
    /// <summary>A leecher with the .torrent and one with the magnet link finish with equal files.</summary>
    public static Func<Universe, Task> Finish(TorrentFormat format, bool manyFiles) =>
        async universe =>
        {
            var content = manyFiles ? LabContent.ManyFiles(universe.Entropy) : LabContent.OneFile(universe.Entropy);
            var lab = await SwarmLab.BuildAsync(universe, content, format);
            await lab.SeedAsync();
            var byFile = await lab.AddLeecherAsync("by-file");
            var byMagnet = lab.AddClient("by-magnet");
            await byMagnet.StartAsync(lab.ByMagnet());
            await lab.FinishAsync(byFile, byMagnet);
            Village.Require(
                byMagnet.Torrent!.Metainfo!.HasAllPieceLayers,
                "a magnet's download is complete without its piece layers"
            );
        };

    /// <summary>Two files of six: they are right, and the others are not fetched beyond the pieces at the borders.</summary>
    public static Func<Universe, Task> Selected(TorrentFormat format) =>
        async universe =>
        {
            var lab = await SwarmLab.BuildAsync(universe, LabContent.ManyFiles(universe.Entropy), format);
            await lab.SeedAsync();
            var choosy = lab.AddClient("choosy");
            var files = lab.Metainfo.Info.ContentFiles.Select(file => file.Display).ToList();
            int[] chosen = [files.IndexOf("folder/b/small"), files.IndexOf("folder/d/other")];
            await choosy.StartAsync(lab.Download with { Files = chosen });
            await universe.WaitUntilAsync(lab.Describe, () => choosy.IsComplete, SwarmLab.Patience);
            foreach (var path in chosen.Select(index => files[index]))
            {
                var bytes = choosy.Host.Disk.Peek($"{LabClient.Folder}/{path}") ?? [];
                Village.Require(
                    bytes.AsSpan().SequenceEqual(lab.Content.Files[path["folder".Length..]]),
                    $"{path} was chosen and is wrong"
                );
            }
            Village.Require(
                choosy.Status.Done == choosy.Status.Total && choosy.Status.Downloaded <= choosy.Status.Total,
                $"{choosy.Status.Downloaded:N0} bytes were fetched for {choosy.Status.Total:N0}"
            );
            Village.Require(choosy.Status.Total < lab.Content.Size, "everything counts as chosen");
        };

    /// <summary>One hybrid torrent, known to one client only by its v1 and to another only by its v2 id.</summary>
    public static async Task TwoViewsOfOneHybrid(Universe universe)
    {
        var lab = await SwarmLab.BuildAsync(universe, LabContent.OneFile(universe.Entropy), TorrentFormat.Hybrid);
        await lab.SeedAsync();
        var one = lab.AddClient("v1-view");
        var two = lab.AddClient("v2-view");
        await one.StartAsync(lab.ByMagnet(link => link with { HashV2 = null }));
        await two.StartAsync(lab.ByMagnet(link => link with { HashV1 = null }));
        await lab.FinishAsync(one, two);
    }

    /// <summary>The seeder leaves once one leecher has everything: the other one gets it from there, whatever id each came by.</summary>
    public static async Task ViewsMeetWithoutTheSeeder(Universe universe)
    {
        var lab = await SwarmLab.BuildAsync(universe, LabContent.OneFile(universe.Entropy), TorrentFormat.Hybrid);
        await lab.SeedAsync();
        var one = lab.AddClient("v1-view");
        await one.StartAsync(lab.ByMagnet(link => link with { HashV2 = null }));
        await lab.FinishAsync(one);
        await lab.Seeder.StopAsync();
        var two = lab.AddClient("v2-view");
        await two.StartAsync(lab.ByMagnet(link => link with { HashV1 = null }));
        await lab.FinishAsync(two);
    }

    /// <summary>Pieces come in their order.</summary>
    public static async Task Sequential(Universe universe)
    {
        var lab = await SwarmLab.BuildAsync(universe, LabContent.OneFile(universe.Entropy, bytes: 2_000_000));
        await lab.SeedAsync();
        var watcher = lab.AddClient("watcher");
        await watcher.StartAsync(
            lab.Download with
            {
                Sequential = true,
            },
            options => options with { MaxDownBytesPerSecond = 200_000 }
        );
        await universe.WaitUntilAsync(lab.Describe, () => watcher.Status.Done > 600_000, SwarmLab.Patience);
        var expected = lab.Content.Files[""];
        var front = watcher.Host.Disk.Peek($"{LabClient.Folder}/film.bin")!;
        var right = 0;
        while (right < front.Length && front[right] == expected[right])
        {
            right++;
        }
        // Pieces are hashed side by side: some of those at the front are written after their successors.
        Village.Require(
            right >= watcher.Status.Done - (8 * LabContent.PieceLength),
            $"only {right:N0} bytes at the front of {watcher.Status.Done:N0} that are there"
        );
        await lab.FinishAsync(watcher);
    }
}
