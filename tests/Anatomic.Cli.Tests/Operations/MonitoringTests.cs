using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Anatomic.Cli.Runtime;
using Anatomic.Machine;
using Anatomic.Machine.Configuration;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Cli.Tests.Operations;

/// <summary>The metrics and the status page of a running node.</summary>
public sealed partial class MonitoringTests : IAsyncDisposable
{
    private readonly RunningNode node = new();

    public ValueTask DisposeAsync() => node.DisposeAsync();

    [Fact]
    public async Task Metrics_are_valid_and_complete()
    {
        await node.StartAsync();
        await node.AnnounceAsync(1);
        await node.AnnounceAsync(2);

        var read = PrometheusTextParser.Read(await node.GetTextAsync(node.Url, "metrics"));

        read["""anatomic_tracker_requests_total{protocol="http",outcome="announced"}"""].ShouldBe(2);
        read["""anatomic_tracker_request_seconds_count{protocol="http",kind="announce"}"""].ShouldBe(2);
        (read["anatomic_tracker_seeds"], read["anatomic_tracker_leeches"]).ShouldBe((1, 1));
        read["anatomic_http_connections"].ShouldBeGreaterThan(0);
        read["anatomic_tracker_memory_bytes"].ShouldBeGreaterThan(0);
        read["process_resident_memory_bytes"].ShouldBeGreaterThan(1 << 20);
        read.Samples.Keys.ShouldContain(key =>
            key.StartsWith("anatomic_build_info{version=", StringComparison.Ordinal)
        );
        string[] named =
        [
            "anatomic_uptime_seconds",
            "anatomic_node_plants",
            "anatomic_node_batches_sent_total",
            "anatomic_tracker_shared_peers",
            "anatomic_tracker_swarms",
            "anatomic_managed_heap_bytes",
            "anatomic_gc_pause_seconds_total",
        ];
        named.ShouldAllBe(name => read.Types.ContainsKey(name));
    }

    [Fact]
    public async Task Metrics_of_a_supernode_are_valid()
    {
        await node.StartAsync();

        var read = PrometheusTextParser.Read(await node.GetTextAsync(node.SupernodeUrl, "metrics"));

        read["anatomic_supernode_requests_total"].ShouldBeGreaterThan(0);
        read.Types.ShouldContainKey("anatomic_uptime_seconds");
        read.Types.ShouldContainKey("process_resident_memory_bytes");
    }

    [Fact]
    public async Task The_page_runs_its_own_script_and_no_other()
    {
        await node.StartAsync();

        using var reply = await node.GetAsync("");
        var page = await reply.Content.ReadAsStringAsync();

        var policy = reply.Headers.GetValues("content-security-policy").ShouldHaveSingleItem();
        var script = ScriptOf().Matches(page).ShouldHaveSingleItem().Groups["text"].Value;
        policy.ShouldContain(
            $"script-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(script)))}'"
        );
        policy.ShouldContain("default-src 'none'");
        page.ShouldNotContain("src=");
        SvgOf().Count(page).ShouldBe(6);
        TitleOf().Count(page).ShouldBe(7, "the page's own title, and one of each graph");
    }

    [Theory]
    [InlineData("")]
    [InlineData("?span=hour")]
    public async Task The_figures_fill_every_placeholder_of_the_page(string query)
    {
        await node.StartAsync();
        await node.AnnounceAsync(2);

        var page = await node.GetTextAsync(node.Url, query);
        using var figures = JsonDocument.Parse(await node.GetTextAsync(node.Url, $"figures{query}"));

        figures.RootElement.GetProperty("figures").GetProperty("seeds").GetInt64().ShouldBe(1);
        foreach (var kind in (string[])["figure", "text", "path"])
        {
            var places = PlaceOf().Matches(page).Where(place => place.Groups["kind"].Value == kind);
            var given = figures.RootElement.GetProperty($"{kind}s").EnumerateObject().Select(member => member.Name);
            places.Select(place => place.Groups["key"].Value).Distinct().ShouldBe(given, ignoreOrder: true);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_collector_receives_the_same_metrics(bool byFlag)
    {
        var collector = new Collector();
        var folder = Path.Combine(node.Run.Folder, "collector");
        await using var world = new MachineWorld(new MachineOptions { StateFolder = folder, Loops = 1 });
        await using var serving = await world.Network.ServeHttpAsync(
            new HttpServerOptions { At = Endpoint.FromV4(0x7F000001, 0), Handler = collector },
            CancellationToken.None
        );
        var url = $"http://{serving.Local}";
        if (byFlag)
        {
            await node.StartAsync("--otlp", url);
        }
        else
        {
            node.Run.Set("OTEL_EXPORTER_OTLP_ENDPOINT", url);
            await node.StartAsync();
        }
        await node.AnnounceAsync(1);
        await node.StopAsync();

        var (path, type, body) = await collector.First.WaitAsync(TimeSpan.FromSeconds(60));
        (path, type).ShouldBe(("/v1/metrics", "application/x-protobuf"));
        // ExportMetricsServiceRequest: resource_metrics, field 1 with a length.
        body[0].ShouldBe((byte)0x0A);
        var text = Encoding.Latin1.GetString(body);
        string[] named =
        [
            "anatomic-node",
            "anatomic_tracker_requests_total",
            "anatomic_tracker_request_seconds_bucket",
            "anatomic_node_plants",
            "process_resident_memory_bytes",
        ];
        named.ShouldAllBe(name => text.Contains(name, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_invalid_collector_is_rejected()
    {
        (
            await node.Run.FailAsync("node", "--listen", "127.0.0.1:0", "--net", "local-x", "--otlp", "collector")
        ).ShouldBe(
            (ExitStatus.UsageError, "anatomic: --otlp collector is not a URL: use for example http://127.0.0.1:4318")
        );
        node.Run.Set("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");
        (
            await node.Run.FailAsync(
                "node",
                "--listen",
                "127.0.0.1:0",
                "--net",
                "local-x",
                "--otlp",
                "http://127.0.0.1:1"
            )
        ).Line.ShouldContain("only http/protobuf");
    }

    [GeneratedRegex("<script>(?<text>.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex ScriptOf();

    [GeneratedRegex("<svg role=img aria-labelledby=")]
    private static partial Regex SvgOf();

    [GeneratedRegex("<title")]
    private static partial Regex TitleOf();

    [GeneratedRegex("data-(?<kind>figure|text|path)=(?<key>[a-z0-9-]+)")]
    private static partial Regex PlaceOf();

    private sealed class Collector : IRequestHandler
    {
        private readonly TaskCompletionSource<(string, string, byte[])> first = new(
            TaskCreationOptions.RunContinuationsAsynchronously
        );

        public Task<(string Path, string Type, byte[] Body)> First => first.Task;

        public ValueTask<HttpResponse> HandleAsync(InboundRequest request, CancellationToken stop)
        {
            first.TrySetResult((request.Path, request.Headers["content-type"], request.Body.ToArray()));
            return ValueTask.FromResult(HttpResponse.Of(200, "application/x-protobuf", default));
        }
    }
}
