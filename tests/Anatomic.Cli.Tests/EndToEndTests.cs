using System.Text.Json;
using Anatomic.Cli.Runtime;

namespace Anatomic.Cli.Tests;

/// <summary>The verbs together, over real sockets and stores: a supernode, a node, a planter, a seeder and a downloader.</summary>
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
    public async Task A_torrent_whose_only_tracker_is_dead_is_found_by_ones_own_supernode()
    {
        using var end = new CancellationTokenSource();
        var known = supernode.RunAsync(end.Token, "supernode", "--listen", "127.0.0.1:0", "--net", Network);
        var url = await AddressOf(supernode);
        var tracked = node.RunAsync(end.Token, "node", "--listen", "127.0.0.1:0", "--net", Network, "--supernode", url);
        await AddressOf(node);
        byte[] bytes = [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i * 17))];
        planter.Write("film.bin", bytes);
        await planter.RunAsync("create", "film.bin", "-o", "bare.torrent", "--tracker", "http://127.0.0.1:1/announce");
        await PlantAsync(url);
        string[] seed = ["seed", "planted.torrent", "--data", ".", "--net", Network, "--allow-private"];
        var seeding = planter.RunAsync(end.Token, [.. seed, "--listen", "127.0.0.1:0"]);
        await planter.Output.LineWithAsync("seeding");

        var bare = Path.Combine(planter.Folder, "bare.torrent");
        string[] get = ["get", bare, "-o", "in", "--net", Network, "--allow-private", "--supernode", url, "--json"];
        var status = await getter.RunAsync([.. get, "--listen", "127.0.0.1:0"]);

        status.ShouldBe(ExitStatus.Success, getter.Error.Text);
        File.ReadAllBytes(Path.Combine(getter.Folder, "in", "film.bin")).ShouldBe(bytes);
        JsonDocument.Parse(getter.Output.Lines[0]).RootElement.GetProperty("event").GetString().ShouldBe("started");
        await end.CancelAsync();
        (await Task.WhenAll(known, tracked, seeding)).ShouldAllBe(ended => ended == ExitStatus.Success);
    }

    private static async Task<string> AddressOf(CliRunner server) =>
        (await server.Output.LineWithAsync("listening "))["listening ".Length..];

    /// <summary>A node that has only just come up is proven a moment later; until then nobody would hold the torrent.</summary>
    private async Task PlantAsync(string url)
    {
        string[] plant = ["plant", "bare.torrent", "-o", "planted.torrent", "--net", Network, "--supernode", url];
        for (var tries = 0; await planter.RunAsync(plant) != ExitStatus.Success; tries++)
        {
            tries.ShouldBeLessThan(MaxTries, planter.Error.Text);
        }
    }
}
