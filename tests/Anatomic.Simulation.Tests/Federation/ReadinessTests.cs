using System.Text;
using Anatomic.Federation;
using Anatomic.Federation.Supernodes;
using Anatomic.Hosting;
using Anatomic.Simulation.Tests.Planting;
using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Simulation.Tests.Federation;

public class ReadinessTests
{
    private const int Port = 7000;
    private static readonly CancellationToken Never = CancellationToken.None;
    private static readonly IReadOnlyList<Endpoint> Listen = [Endpoint.FromV4(0, Port)];

    [Fact]
    public void A_node_is_alive_at_once_ready_once_it_serves_and_serves_until_it_has_drained() =>
        SimulationRun.Execute(
            3,
            async simulator =>
            {
                var (client, host) = (simulator.AddHost("client", "10.0.0.9"), simulator.AddHost("node", "10.0.1.1"));
                var supernodeHost = simulator.AddHost("supernode", "10.0.2.1");
                var options = new NodeHostOptions
                {
                    Listen = Listen,
                    Network = new NetworkOptions { Name = NetworkName.LocalDefault },
                    // Without the id, so the node waits for this supernode during its start.
                    Supernodes = [$"http://{supernodeHost.Address}:{Port}/"],
                    Drain = TimeSpan.FromSeconds(10),
                };
                var starting = host.RunAsync(world => NodeHost.StartAsync(world, options, Never));
                await simulator.WaitAsync(TimeSpan.FromSeconds(2));
                await ShouldAnswerAsync(client, host, "readyz", 503, "starting");
                await ShouldAnswerAsync(client, host, "healthz", 200, "ok");

                var supernode = await supernodeHost.RunAsync(world =>
                    SupernodeHost.StartAsync(world, SupernodeOptions(), Never)
                );
                var node = await starting;
                await ShouldAnswerAsync(client, host, "readyz", 200, "ready");
                await ShouldAnswerAsync(client, supernodeHost, "readyz", 200, "ready");

                var ending = host.RunAsync(async _ => await node.DisposeAsync());
                await simulator.WaitAsync(TimeSpan.FromSeconds(5));
                await ShouldAnswerAsync(client, host, "readyz", 503, "stopping");
                await ShouldAnswerAsync(client, host, "healthz", 200, "ok");
                (await FederationTestNetwork.GetAsync(client, UrlOf(host, "plants"))).Status.ShouldBe(200);
                await ending;
                await Expect.ThrowsAsync<NetworkException>(() =>
                    FederationTestNetwork.GetAsync(client, UrlOf(host, "readyz"))
                );
                host.EventLog.Lines.ShouldContain("stopping");
                host.EventLog.Lines.Last().ShouldBe("stopped tookMs=10000");
                await supernodeHost.RunAsync(async _ => await supernode.DisposeAsync());
            }
        );

    private static SupernodeHostOptions SupernodeOptions() =>
        new()
        {
            Listen = Listen,
            Supernode = new SupernodeOptions
            {
                Network = NetworkName.LocalDefault.Text,
                PublicUrl = new Uri($"http://10.0.2.1:{Port}/"),
            },
        };

    private static Uri UrlOf(SimulatedHost host, string path) => new($"http://{host.Address}:{Port}/{path}");

    private static async Task ShouldAnswerAsync(
        SimulatedHost client,
        SimulatedHost host,
        string path,
        int status,
        string text
    )
    {
        var reply = await FederationTestNetwork.GetAsync(client, UrlOf(host, path));
        reply.Status.ShouldBe(status);
        Encoding.UTF8.GetString(reply.Body.Span).ShouldBe(text + "\n");
    }
}
