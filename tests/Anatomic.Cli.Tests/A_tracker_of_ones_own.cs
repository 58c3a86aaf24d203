using System.Text;

namespace Anatomic.Cli.Tests;

/// <summary>What an operator says to a node, seen by a client that announces to it over HTTP.</summary>
public sealed class A_tracker_of_ones_own : IDisposable
{
    private const string Hash = "000102030405060708090a0b0c0d0e0f10111213";
    private readonly ProgramRun node = new();
    private readonly CancellationTokenSource end = new();
    private readonly HttpClient client = new();
    private Task<int>? running;

    public void Dispose()
    {
        end.Dispose();
        client.Dispose();
        node.Dispose();
    }

    [Fact]
    public async Task Lists_are_read_again_when_asked_and_a_broken_one_changes_nothing()
    {
        node.Write("denied", "# nothing yet"u8.ToArray());
        await StartAsync("--open", "--deny", "denied");
        (await AnnounceAsync("/announce")).ShouldNotContain("failure reason");
        node.Write("denied", Encoding.UTF8.GetBytes(Hash));
        node.Reload();
        (await AnnounceAsync("/announce")).ShouldContain("does not serve this torrent");
        node.Write("denied", "this is no hash"u8.ToArray());
        node.Reload();
        node.Error.Text.ShouldContain("the list stays as it was: ");
        (await AnnounceAsync("/announce")).ShouldContain("does not serve this torrent");
        node.Write("denied", []);
        node.Reload();
        (await AnnounceAsync("/announce")).ShouldNotContain("failure reason");
        await EndAsync();
    }

    [Fact]
    public async Task Tokens_and_bounds_are_the_operators()
    {
        await StartAsync("--open", "--announce-token", "open-sesame", "--rate-limit", "1", "--max-swarms", "5");
        (await AnnounceAsync("/announce")).ShouldContain("only announces with a token");
        (await AnnounceAsync("/open-sesame/announce")).ShouldNotContain("failure reason");
        for (var i = 0; i < 18; i++)
        {
            (await AnnounceAsync("/announce?token=open-sesame")).ShouldNotContain("failure reason");
        }
        node.Output.Text.ShouldNotContain("sesame");
        node.Error.Text.ShouldNotContain("sesame");
        (await client.GetStringAsync("/")).ShouldNotContain("sesame");
        (await client.GetStringAsync("/metrics")).ShouldNotContain("sesame");
        await EndAsync();
    }

    private async Task StartAsync(params string[] flags)
    {
        string[] verb = ["node", "--listen", "127.0.0.1:0", "--net", "local-test"];
        running = node.RunAsync(end.Token, [.. verb, .. flags]);
        var line = await node.Output.LineWithAsync("listening ");
        client.BaseAddress = new Uri(line["listening ".Length..]);
    }

    private async Task<string> AnnounceAsync(string path)
    {
        var hash = string.Concat(Hash.Chunk(2).Select(digits => $"%{new string(digits)}"));
        var query = $"info_hash={hash}&peer_id=-AN0001-abcdefghijkl&port=6881&left=1&compact=1";
        return await client.GetStringAsync($"{path}{(path.Contains('?') ? '&' : '?')}{query}");
    }

    private async Task EndAsync()
    {
        await end.CancelAsync();
        (await running!).ShouldBe(Exit.Done);
    }
}
