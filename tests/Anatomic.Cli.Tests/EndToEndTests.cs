using System.Text.Json;
using Anatomic.Cli.Runtime;

namespace Anatomic.Cli.Tests;

/// <summary>
/// All verbs together, over real sockets and stores: supernode, node, planter, seeder and downloader.
/// </summary>
public sealed class EndToEndTests : IDisposable
{
    private const string Network = "local-test";
    private const int MaxTries = 200;
    private readonly CliRunner supernode = new();
    private readonly CliRunner node = new();
    private readonly CliRunner planter = new();
    private readonly CliRunner getter = new();

    public void Dispose()
    {
        supernode.Dispose();
        node.Dispose();
        planter.Dispose();
        getter.Dispose();
    }

    [Fact]
    public async Task A_download_whose_only_tracker_is_dead_finds_peers_through_a_supernode()
    {
        using var stopping = new CancellationTokenSource();
        var supernodeStatus = supernode.RunAsync(
            stopping.Token,
            "supernode",
            "--listen",
            "127.0.0.1:0",
            "--net",
            Network
        );
        var url = await ReadUrlAsync(supernode);
        var nodeStatus = node.RunAsync(
            stopping.Token,
            "node",
            "--listen",
            "127.0.0.1:0",
            "--net",
            Network,
            "--supernode",
            url
        );
        await ReadUrlAsync(node);
        byte[] bytes = [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i * 17))];
        planter.Write("film.bin", bytes);
        await planter.RunAsync("create", "film.bin", "-o", "bare.torrent", "--tracker", "http://127.0.0.1:1/announce");
        await PlantAsync(url);
        string[] seed = ["seed", "planted.torrent", "--data", ".", "--net", Network, "--allow-private"];
        var seeding = planter.RunAsync(stopping.Token, [.. seed, "--listen", "127.0.0.1:0"]);
        await planter.Output.WaitForLineAsync("seeding");

        var bare = Path.Combine(planter.Folder, "bare.torrent");
        string[] get = ["get", bare, "-o", "in", "--net", Network, "--allow-private", "--supernode", url, "--json"];
        var status = await getter.RunAsync([.. get, "--listen", "127.0.0.1:0"]);

        status.ShouldBe(ExitStatus.Success, getter.Error.Text);
        File.ReadAllBytes(Path.Combine(getter.Folder, "in", "film.bin")).ShouldBe(bytes);
        JsonDocument.Parse(getter.Output.Lines[0]).RootElement.GetProperty("event").GetString().ShouldBe("started");
        await stopping.CancelAsync();
        (await Task.WhenAll(supernodeStatus, nodeStatus, seeding)).ShouldAllBe(each => each == ExitStatus.Success);
    }

    private static async Task<string> ReadUrlAsync(CliRunner server) =>
        (await server.Output.WaitForLineAsync("listening "))["listening ".Length..];

    /// <summary>
    /// Retries until the supernode has verified the new node; until then no node can hold the torrent.
    /// </summary>
    private async Task PlantAsync(string url)
    {
        string[] plant = ["plant", "bare.torrent", "-o", "planted.torrent", "--net", Network, "--supernode", url];
        for (var tries = 0; await planter.RunAsync(plant) != ExitStatus.Success; tries++)
        {
            tries.ShouldBeLessThan(MaxTries, planter.Error.Text);
        }
    }
}
