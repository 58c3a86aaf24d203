using System.Collections.Concurrent;
using Anatomic.Machine;
using Anatomic.Machine.Configuration;
using Anatomic.Wire;
using Anatomic.Wire.Network;

namespace Anatomic.Cli.Tests.Crashes;

/// <summary>
/// Kills the real program (SIGKILL) repeatedly while orders are planted on it: every order with a receipt must survive.
/// Set <c>ANATOMIC_KILLS=100</c> in the environment for a longer run (bench/README.md).
/// </summary>
public sealed class NodeCrashTests : IDisposable
{
    private const int DefaultKills = 8;

    /// <summary>Orders in parallel, so that each kill interrupts some commits of the store.</summary>
    private const int Planters = 8;

    private const int MaxReceiptsPerLife = 100;

    private readonly string folder = Directory.CreateTempSubdirectory("anatomic-killed-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_killed_node_keeps_every_order_that_it_acknowledged()
    {
        NetworkName.TryParse(NodeProcess.Network, out var network, out _).ShouldBeTrue();
        await using var world = new MachineWorld(new MachineOptions { StateFolder = Path.Combine(folder, "planter") });
        var factory = new OrderFactory(world, network!);
        var acknowledged = new Dictionary<Hash32, Hash20>();
        var newest = new ConcurrentBag<Signed<PlantOrder>>();
        var kills = int.TryParse(Environment.GetEnvironmentVariable("ANATOMIC_KILLS"), out var configured)
            ? configured
            : DefaultKills;
        for (var life = 0; life <= kills; life++)
        {
            using var node = await NodeProcess.StartAsync(Path.Combine(folder, "node"));
            using var client = new NodeClient(node, factory.Reader);
            var held = await client.ManifestAsync();
            acknowledged.Keys.Where(order => !held.Contains(order)).ShouldBeEmpty($"lost before life {life}");
            await CheckAnnouncesAsync(client, newest.Select(order => order.Item.Swarms[0]));
            if (life == kills)
            {
                await CheckAnnouncesAsync(client, acknowledged.Values);
                break;
            }
            // Seeded by the number of the life, so that a failing run repeats.
            newest = await PlantUntilKilledAsync(node, client, factory, new Random(life).Next(1, MaxReceiptsPerLife));
            foreach (var order in newest)
            {
                acknowledged.Add(order.Digest, order.Item.Swarms[0]);
            }
        }
        acknowledged.Count.ShouldBeGreaterThan(kills);
    }

    /// <summary>
    /// Plants until the node has sent this many receipts, then kills it while other orders are in flight.
    /// </summary>
    private static async Task<ConcurrentBag<Signed<PlantOrder>>> PlantUntilKilledAsync(
        NodeProcess node,
        NodeClient client,
        OrderFactory factory,
        int killAt
    )
    {
        var acknowledged = new ConcurrentBag<Signed<PlantOrder>>();
        var receipts = 0;
        async Task PlantAsync()
        {
            for (var order = factory.Next(node.Id); await client.PlantAsync(order); order = factory.Next(node.Id))
            {
                acknowledged.Add(order);
                if (Interlocked.Increment(ref receipts) == killAt)
                {
                    node.Kill();
                }
            }
        }
        await Task.WhenAll(Enumerable.Range(0, Planters).Select(_ => Task.Run(PlantAsync)));
        receipts.ShouldBeGreaterThanOrEqualTo(killAt, "the node died before it was killed");
        return acknowledged;
    }

    private static async Task CheckAnnouncesAsync(NodeClient client, IEnumerable<Hash20> swarms)
    {
        foreach (var batch in swarms.Chunk(Planters))
        {
            var failures = await Task.WhenAll(batch.Select(client.FailureOfAnnounceAsync));
            failures.ShouldAllBe(failure => failure == null);
        }
    }
}
