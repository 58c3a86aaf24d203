using System.Collections.Concurrent;
using Anatomic.Machine;
using Anatomic.Machine.Configuration;
using Anatomic.Wire;
using Anatomic.Wire.Network;

namespace Anatomic.Cli.Tests.Crashes;

/// <summary>
/// The real program, killed (SIGKILL) again and again while orders are planted on it: whatever it has given a receipt for is there
/// in its next life. More kills than in a usual run: <c>ANATOMIC_KILLS=100</c> in the environment (bench/README.md).
/// </summary>
public sealed class NodeCrashTests : IDisposable
{
    private const int UsualKills = 8;

    /// <summary>So many orders are under way at once: at a kill, the store has some of them in its hands.</summary>
    private const int Planters = 8;

    private const int MaxReceiptsOfALife = 100;

    private readonly string folder = Directory.CreateTempSubdirectory("anatomic-killed-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Holds_every_order_that_it_has_acknowledged()
    {
        NetworkName.TryParse(NodeProcess.Network, out var network, out _).ShouldBeTrue();
        await using var world = new MachineWorld(new MachineOptions { StateFolder = Path.Combine(folder, "planter") });
        var mill = new OrderFactory(world, network!);
        var acknowledged = new Dictionary<Hash32, Hash20>();
        var newest = new ConcurrentBag<Signed<PlantOrder>>();
        var kills = int.TryParse(Environment.GetEnvironmentVariable("ANATOMIC_KILLS"), out var asked)
            ? asked
            : UsualKills;
        for (var life = 0; life <= kills; life++)
        {
            using var node = await NodeProcess.StartAsync(Path.Combine(folder, "node"));
            using var client = new NodeClient(node, mill.Reader);
            var held = await client.ManifestAsync();
            acknowledged.Keys.Where(order => !held.Contains(order)).ShouldBeEmpty($"lost before life {life}");
            await AreAnsweredAsync(client, newest.Select(order => order.Item.Swarms[0]));
            if (life == kills)
            {
                await AreAnsweredAsync(client, acknowledged.Values);
                break;
            }
            // The moment of each kill follows from its number alone.
            newest = await PlantUntilKilledAsync(node, client, mill, new Random(life).Next(1, MaxReceiptsOfALife));
            foreach (var order in newest)
            {
                acknowledged.Add(order.Digest, order.Item.Swarms[0]);
            }
        }
        acknowledged.Count.ShouldBeGreaterThan(kills);
    }

    /// <summary>Plants as fast as it is acknowledged; at this number of receipts the node is killed, with others under way.</summary>
    private static async Task<ConcurrentBag<Signed<PlantOrder>>> PlantUntilKilledAsync(
        NodeProcess node,
        NodeClient client,
        OrderFactory mill,
        int killAt
    )
    {
        var acknowledged = new ConcurrentBag<Signed<PlantOrder>>();
        var receipts = 0;
        async Task PlantAsync()
        {
            for (var order = mill.Next(node.Id); await client.PlantAsync(order); order = mill.Next(node.Id))
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

    private static async Task AreAnsweredAsync(NodeClient client, IEnumerable<Hash20> swarms)
    {
        foreach (var several in swarms.Chunk(Planters))
        {
            var refusals = await Task.WhenAll(several.Select(client.RefusalOfAsync));
            refusals.ShouldAllBe(refusal => refusal == null);
        }
    }
}
