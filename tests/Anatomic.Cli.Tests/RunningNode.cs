using System.Net;
using System.Text;
using Anatomic.Cli.Runtime;

namespace Anatomic.Cli.Tests;

/// <summary>A supernode, a node registered at it, and somebody who asks them over HTTP.</summary>
public sealed class RunningNode : IAsyncDisposable
{
    private readonly CancellationTokenSource end = new();
    private readonly CliRunner supernode = new();
    private readonly HttpClient client = new();
    private Task<int> ending = Task.FromResult(ExitStatus.Success);
    private Task<int> supernodeEnding = Task.FromResult(ExitStatus.Success);

    public CliRunner Run { get; } = new();

    public Uri Url { get; private set; } = null!;

    public Uri SupernodeUrl { get; private set; } = null!;

    public async Task StartAsync(params string[] more)
    {
        string[] common = ["--listen", "127.0.0.1:0", "--net", "local-watched"];
        supernodeEnding = supernode.RunAsync(end.Token, ["supernode", .. common]);
        SupernodeUrl = await AddressOf(supernode);
        ending = Run.RunAsync(
            end.Token,
            ["node", .. common, "--supernode", SupernodeUrl.AbsoluteUri, "--open", .. more]
        );
        Url = await AddressOf(Run);
    }

    /// <summary>An announce over HTTP of one peer.</summary>
    public async Task AnnounceAsync(int peer)
    {
        var swarm = string.Concat(Enumerable.Repeat("%01", 20));
        var id = string.Concat(Enumerable.Repeat($"%{peer:x2}", 20));
        var query =
            $"info_hash={swarm}&peer_id={id}&port={50_000 + peer}&uploaded=0&downloaded=0&left={peer % 2}&compact=1";
        (await TextAsync(Url, $"announce?{query}")).ShouldContain("interval");
    }

    public async Task<string> TextAsync(Uri at, string path) =>
        Encoding.Latin1.GetString(await client.GetByteArrayAsync(new Uri(at, path)));

    public async Task<HttpResponseMessage> GetAsync(string path)
    {
        var reply = await client.GetAsync(new Uri(Url, path));
        reply.StatusCode.ShouldBe(HttpStatusCode.OK);
        return reply;
    }

    /// <summary>Ends both as a signal does.</summary>
    public async Task StopAsync()
    {
        await end.CancelAsync();
        (await Task.WhenAll(ending, supernodeEnding)).ShouldAllBe(
            status => status == ExitStatus.Success,
            Run.Error.Text
        );
    }

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        await Task.WhenAll(ending, supernodeEnding);
        client.Dispose();
        end.Dispose();
        Run.Dispose();
        supernode.Dispose();
    }

    private static async Task<Uri> AddressOf(CliRunner server) =>
        new((await server.Output.LineWithAsync("listening "))["listening ".Length..]);
}
