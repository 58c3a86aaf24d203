using System.Text;
using Anatomic.Cli.Runtime;

namespace Anatomic.Cli.Tests.Verbs;

/// <summary>The operator's flags of a node, seen by a client that announces to it over HTTP.</summary>
public sealed class NodeVerbTests : IDisposable
{
    private const string Hash = "000102030405060708090a0b0c0d0e0f10111213";
    private readonly CliRunner node = new();
    private readonly HttpClient client = new();
    private CancellationTokenSource stopping = new();
    private Task<int>? running;
    private string address = "";

    public void Dispose()
    {
        stopping.Dispose();
        client.Dispose();
        node.Dispose();
    }

    [Fact]
    public async Task Lists_are_reloaded_on_request_and_an_invalid_one_changes_nothing()
    {
        node.Write("denied", "# nothing yet"u8.ToArray());
        await StartAsync("--open", "--deny", "denied");
        (await AnnounceAsync("/announce")).ShouldNotContain("failure reason");
        node.Write("denied", Encoding.UTF8.GetBytes(Hash));
        node.Reload();
        (await AnnounceAsync("/announce")).ShouldContain("does not serve this torrent");
        node.Write("denied", "not a hash"u8.ToArray());
        node.Reload();
        node.Error.Text.ShouldContain("the old list stays in use: ");
        (await AnnounceAsync("/announce")).ShouldContain("does not serve this torrent");
        node.Write("denied", []);
        node.Reload();
        (await AnnounceAsync("/announce")).ShouldNotContain("failure reason");
        await StopAsync();
    }

    [Fact]
    public async Task Lists_are_checked_every_two_seconds()
    {
        node.Write("denied", "# nothing yet"u8.ToArray());
        await StartAsync("--open", "--deny", "denied");
        // The node watches its lists once it has printed its id.
        await node.Output.WaitForLineAsync("node ");
        node.Write("denied", Encoding.UTF8.GetBytes(Hash));
        node.Clock.Advance(TimeSpan.FromSeconds(1.9));
        (await AnnounceAsync("/announce")).ShouldNotContain("failure reason");
        node.Clock.Advance(TimeSpan.FromSeconds(0.1));
        (await AnnounceAsync("/announce")).ShouldContain("does not serve this torrent");
        CountLines("lists.reloaded").ShouldBe(1);

        File.WriteAllText(Path.Combine(node.Folder, "denied"), Hash[..^1]);
        node.Clock.Advance(TimeSpan.FromSeconds(6));
        (await AnnounceAsync("/announce")).ShouldContain("does not serve this torrent");
        (CountLines("lists.rejected"), CountLines("the old list stays in use: ")).ShouldBe((1, 1));

        // Moved away and back, the file is unchanged since it was last loaded; it must be reloaded all the same.
        node.Write("denied", []);
        File.Move(Path.Combine(node.Folder, "denied"), Path.Combine(node.Folder, "away"));
        node.Clock.Advance(TimeSpan.FromSeconds(2));
        (await AnnounceAsync("/announce")).ShouldContain("does not serve this torrent");
        File.Move(Path.Combine(node.Folder, "away"), Path.Combine(node.Folder, "denied"));
        node.Clock.Advance(TimeSpan.FromSeconds(2));
        (await AnnounceAsync("/announce")).ShouldNotContain("failure reason");
        (CountLines("lists.rejected"), CountLines("lists.reloaded")).ShouldBe((2, 2));
        await StopAsync();
    }

    [Fact]
    public async Task Announce_tokens_and_limits_are_enforced()
    {
        await StartAsync("--open", "--announce-token", "open-sesame", "--rate-limit", "1", "--max-swarms", "5");
        (await AnnounceAsync("/announce")).ShouldContain("needs a token");
        (await AnnounceAsync("/open-sesame/announce")).ShouldNotContain("failure reason");
        for (var i = 0; i < 18; i++)
        {
            (await AnnounceAsync("/announce?token=open-sesame")).ShouldNotContain("failure reason");
        }
        node.Output.Text.ShouldNotContain("sesame");
        node.Error.Text.ShouldNotContain("sesame");
        (await GetAsync("/")).ShouldNotContain("sesame");
        (await GetAsync("/metrics")).ShouldNotContain("sesame");
        await StopAsync();
    }

    [Fact]
    public async Task The_announce_interval_is_configurable()
    {
        await StartAsync("--open", "--interval", "10s");
        // The tracker adds up to an eighth, so that clients drift apart.
        (await AnnounceAsync("/announce")).ShouldContain("8:intervali1");
        await StopAsync();
        (await node.FailAsync("node", "--interval", "5s")).ShouldBe(
            (ExitStatus.UsageError, "anatomic: --interval 5s must be from 10s to 2h")
        );
    }

    [Fact]
    public async Task Peers_survive_a_planned_restart_and_an_invalid_snapshot_is_ignored()
    {
        await StartAsync("--open", "--full-scrape");
        (await AnnounceAsync("/announce", port: 6881)).ShouldContain("10:incompletei1e");
        await StopAsync();

        await StartAsync("--open", "--full-scrape");
        (await AnnounceAsync("/announce", port: 6882)).ShouldContain("10:incompletei2e");
        (await GetAsync("/scrape")).ShouldContain("10:incompletei2e");
        await StopAsync();

        var kept = Directory.GetFiles(node.Folder, "swarms.snapshot", SearchOption.AllDirectories).Single();
        await File.WriteAllTextAsync(kept, "no snapshot");
        await StartAsync("--open");
        (await AnnounceAsync("/announce", port: 6883)).ShouldContain("10:incompletei1e");
        node.Error.Text.ShouldContain("swarms.snapshot was ignored, because it is not a snapshot of swarms");
        (await GetAsync("/scrape")).ShouldContain("full scrapes are not supported");
        await StopAsync();
    }

    private int CountLines(string text) =>
        node.Error.Lines.Count(line => line.Contains(text, StringComparison.Ordinal));

    private async Task StartAsync(params string[] flags)
    {
        string[] verb = ["node", "--listen", "127.0.0.1:0", "--net", "local-test"];
        running = node.RunAsync(stopping.Token, [.. verb, .. flags]);
        var line = await node.Output.WaitForLineAsync("listening ");
        address = line["listening ".Length..].TrimEnd('/');
    }

    private async Task<string> AnnounceAsync(string path, int port = 6881)
    {
        var hash = string.Concat(Hash.Chunk(2).Select(digits => $"%{new string(digits)}"));
        var query = $"info_hash={hash}&peer_id=-AN0001-abcdefghijkl&port={port}&left=1&compact=1";
        return await GetAsync($"{path}{(path.Contains('?') ? '&' : '?')}{query}");
    }

    private Task<string> GetAsync(string path) => client.GetStringAsync(address + path);

    private async Task StopAsync()
    {
        await stopping.CancelAsync();
        (await running!).ShouldBe(ExitStatus.Success);
        stopping.Dispose();
        stopping = new CancellationTokenSource();
    }
}
