using Anatomic.Interop.Tests.Lab;

namespace Anatomic.Interop.Tests;

/// <summary>Our client at both ends, as separate processes, with a node as the tracker.</summary>
public sealed class SeedAndGetTests(PlantedLab lab) : IClassFixture<PlantedLab>
{
    [InteropTheory]
    [InlineData("v2")]
    [InlineData("hybrid")]
    public async Task A_folder_is_seeded_and_downloaded(string format)
    {
        await using var node = await lab.StartNodeAsync(lab.Nodes[0]);
        var tree = MakeTree(lab.Planter.PathOf("folder-" + format, "tree"));
        var torrent = await lab.PlantAsync(tree, nodes: 1, "--format", format);
        await using var seeder = await PlantedLab.SeedAsync(lab.Seeder, torrent, tree);
        await lab.WaitForSeedAsync(lab.Nodes[0], torrent, seeder);

        var folder = lab.Client.MakeFolder("folder-" + format);
        await lab.Client.AnatomicAsync(GetOf(torrent, folder));

        foreach (var file in Directory.EnumerateFiles(tree, "*", SearchOption.AllDirectories))
        {
            var arrived = Path.Combine(folder, "tree", Path.GetRelativePath(tree, file));
            await Payload.WaitForFileAsync(file, arrived, seeder);
            IsExecutable(arrived).ShouldBe(IsExecutable(file), arrived);
        }
    }

    [InteropFact]
    public async Task A_download_resumes_after_a_sigkill_and_verifies()
    {
        const int bytes = 48 << 20;
        await using var node = await lab.StartNodeAsync(lab.Nodes[0]);
        var file = Payload.Write(lab.Planter.PathOf("killed", "payload.bin"), bytes, seed: 31);
        var torrent = await lab.PlantAsync(file, nodes: 1);
        await using var seeder = await PlantedLab.SeedAsync(lab.Seeder, torrent, file);
        await lab.WaitForSeedAsync(lab.Nodes[0], torrent, seeder);
        var folder = lab.Client.MakeFolder("killed");
        var arriving = Path.Combine(folder, "payload.bin");

        // At 2 MiB per second the download is far from complete when its first pieces are flushed.
        await using (var first = lab.Client.Anatomic([.. GetOf(torrent, folder), "--limit-down", "2M"]))
        {
            await Payload.WaitUntilAsync(() => File.Exists(arriving), () => first.Output);
            await Task.WhenAny(first.WaitForExitAsync(TimeSpan.FromMinutes(2)), Task.Delay(TimeSpan.FromSeconds(17)));
            first.HasExited.ShouldBeFalse(first.Output);
            await first.KillAsync();
        }
        await lab.Client.AnatomicAsync(GetOf(torrent, folder));

        await Payload.WaitForFileAsync(file, arriving, seeder);
        await lab.Client.AnatomicAsync("verify", torrent, "--data", folder);
    }

    private string[] GetOf(string torrent, string folder) =>
        ["get", torrent, "-o", folder, "--listen", $"{lab.Client.Address}:6882", "--allow-private"];

    private static string MakeTree(string tree)
    {
        Payload.Write(Path.Combine(tree, "a", "first.bin"), 200_001, seed: 1);
        Payload.Write(Path.Combine(tree, "a", "second.bin"), 65_536, seed: 2);
        Payload.Write(Path.Combine(tree, "small.bin"), 385, seed: 3);
        Payload.Write(Path.Combine(tree, "large.bin"), 3_000_017, seed: 4);
        Payload.Write(Path.Combine(tree, "nothing.txt"), 0, seed: 5);
        var run = Payload.Write(Path.Combine(tree, "run.sh"), 20, seed: 6);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(run, (UnixFileMode)0b111_101_101);
        }
        return tree;
    }

    private static bool IsExecutable(string path) =>
        !OperatingSystem.IsWindows() && File.GetUnixFileMode(path).HasFlag(UnixFileMode.UserExecute);
}
