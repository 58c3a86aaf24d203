using System.Net;
using System.Net.Sockets;
using System.Text;
using Anatomic.Cli.Runtime;

namespace Anatomic.Cli.Tests.Operations;

/// <summary>The event logs of a running node and supernode.</summary>
public sealed class ServerLogTests : IDisposable
{
    private const string Network = "local-watched";
    private const string Token = "open-sesame";
    private const int MaxTries = 200;
    private readonly CliRunner supernode = new();
    private readonly CliRunner node = new();
    private readonly CliRunner planter = new();
    private readonly HttpClient client = new();

    public void Dispose()
    {
        supernode.Dispose();
        node.Dispose();
        planter.Dispose();
        client.Dispose();
    }

    [Fact]
    public async Task The_log_contains_no_address_and_no_token_even_at_debug_level()
    {
        using var stopping = new CancellationTokenSource();
        string[] serverFlags = ["--listen", "127.0.0.1:0", "--net", Network, "--log-level", "debug"];
        var supernodeStatus = supernode.RunAsync(stopping.Token, ["supernode", .. serverFlags]);
        var url = await ReadUrlAsync(supernode);
        var nodeStatus = node.RunAsync(stopping.Token, ["node", .. serverFlags, "--supernode", url, "--open"]);
        var tracker = new Uri(await ReadUrlAsync(node));
        planter.Write("film.bin", new byte[100_000]);
        await planter.RunAsync("create", "film.bin", "-o", "film.torrent");
        string[] plant = ["plant", "film.torrent", "-o", "planted.torrent", "--net", Network, "--supernode", url];
        for (var tries = 0; await planter.RunAsync(plant) != ExitStatus.Success; tries++)
        {
            tries.ShouldBeLessThan(MaxTries, planter.Error.Text);
        }
        await AnnounceOverHttpAsync(tracker);
        await ConnectOverUdpAsync(tracker.Port);
        await SendInvalidOrderAsync(tracker);
        await planter.RunAsync("unplant", "planted.torrent", "--net", Network, "--supernode", url);
        await stopping.CancelAsync();
        (await Task.WhenAll(supernodeStatus, nodeStatus)).ShouldAllBe(status => status == ExitStatus.Success);

        string[] expected = ["started", "listening", "plant.accepted", "plant.rejected", "plant.unplanted", "stopped"];
        expected.ShouldAllBe(name => node.Error.Text.Contains($" {name}", StringComparison.Ordinal), node.Error.Text);
        supernode.Error.Text.ShouldContain("member.added");
        foreach (var log in (string[])[node.Error.Text, supernode.Error.Text])
        {
            log.ShouldNotContain("127.0.0");
            log.ShouldNotContain("::");
            log.ShouldNotContain(Token);
        }
    }

    [Fact]
    public async Task An_unknown_log_format_or_level_is_rejected()
    {
        (await node.FailAsync("node", "--log", "xml")).ShouldBe(
            (ExitStatus.UsageError, "anatomic: --log xml is unknown: use text, json or off")
        );
        (await node.FailAsync("node", "--log-level", "loud")).Line.ShouldContain("use debug, info, warning or error");
    }

    private static async Task<string> ReadUrlAsync(CliRunner server) =>
        (await server.Output.WaitForLineAsync("listening "))["listening ".Length..];

    private async Task AnnounceOverHttpAsync(Uri tracker)
    {
        var swarm = string.Concat(Enumerable.Repeat("%01", 20));
        var peer = string.Concat(Enumerable.Repeat("%02", 20));
        var announce = $"announce?info_hash={swarm}&peer_id={peer}&port=51413&uploaded=0&downloaded=0&left=1&compact=1";
        var reply = await client.GetByteArrayAsync(new Uri(tracker, announce));
        Encoding.Latin1.GetString(reply).ShouldContain("interval");
    }

    private static async Task ConnectOverUdpAsync(int port)
    {
        using var socket = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        byte[] connect = [0, 0, 4, 0x17, 0x27, 0x10, 0x19, 0x80, 0, 0, 0, 0, 1, 2, 3, 4]; // BEP 15
        await socket.SendAsync(connect, new IPEndPoint(IPAddress.Loopback, port));
        (await socket.ReceiveAsync().WaitAsync(TimeSpan.FromSeconds(60))).Buffer.Length.ShouldBe(16);
    }

    private async Task SendInvalidOrderAsync(Uri tracker)
    {
        using var order = new HttpRequestMessage(HttpMethod.Post, new Uri(tracker, "plant"))
        {
            Content = new ByteArrayContent(Encoding.ASCII.GetBytes("d5:order10:127.0.0.99e")),
        };
        order.Headers.Add("authorization", $"Bearer {Token}");
        using var reply = await client.SendAsync(order);
        reply.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
    }
}
