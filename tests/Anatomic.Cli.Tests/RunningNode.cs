using System.Net;
using System.Text;
using Anatomic.Cli.Runtime;

namespace Anatomic.Cli.Tests;

/// <summary>A supernode, a node registered with it, and an HTTP client for both.</summary>
public sealed class RunningNode : IAsyncDisposable
{
    private readonly CancellationTokenSource end = new();
    private readonly CliRunner supernode = new();
    private readonly HttpClient client = new();
    private Task<int> nodeStatus = Task.FromResult(ExitStatus.Success);
    private Task<int> supernodeStatus = Task.FromResult(ExitStatus.Success);

    public CliRunner Run { get; } = new();

    public Uri Url { get; private set; } = null!;

    public Uri SupernodeUrl { get; private set; } = null!;

    public async Task StartAsync(params string[] flags)
    {
        string[] common = ["--listen", "127.0.0.1:0", "--net", "local-watched"];
        supernodeStatus = supernode.RunAsync(end.Token, ["supernode", .. common]);
        SupernodeUrl = await ReadUrlAsync(supernode);
        nodeStatus = Run.RunAsync(
            end.Token,
            ["node", .. common, "--supernode", SupernodeUrl.AbsoluteUri, "--open", .. flags]
        );
        Url = await ReadUrlAsync(Run);
    }

    /// <summary>Announces one peer over HTTP.</summary>
    public async Task AnnounceAsync(int peer)
    {
        var swarm = string.Concat(Enumerable.Repeat("%01", 20));
        var id = string.Concat(Enumerable.Repeat($"%{peer:x2}", 20));
        var query =
            $"info_hash={swarm}&peer_id={id}&port={50_000 + peer}&uploaded=0&downloaded=0&left={peer % 2}&compact=1";
        (await GetTextAsync(Url, $"announce?{query}")).ShouldContain("interval");
    }

    public async Task<string> GetTextAsync(Uri server, string path) =>
        Encoding.Latin1.GetString(await client.GetByteArrayAsync(new Uri(server, path)));

    public async Task<HttpResponseMessage> GetAsync(string path)
    {
        var response = await client.GetAsync(new Uri(Url, path));
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        return response;
    }

    /// <summary>Stops both as a signal does.</summary>
    public async Task StopAsync()
    {
        await end.CancelAsync();
        (await Task.WhenAll(nodeStatus, supernodeStatus)).ShouldAllBe(
            status => status == ExitStatus.Success,
            Run.Error.Text
        );
    }

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        await Task.WhenAll(nodeStatus, supernodeStatus);
        client.Dispose();
        end.Dispose();
        Run.Dispose();
        supernode.Dispose();
    }

    private static async Task<Uri> ReadUrlAsync(CliRunner server) =>
        new((await server.Output.WaitForLineAsync("listening "))["listening ".Length..]);
}
