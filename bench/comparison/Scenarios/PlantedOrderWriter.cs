using Anatomic.Comparison.CommandLine;
using Anatomic.Comparison.Load;
using Anatomic.Comparison.Servers;
using Anatomic.Federation.Orders;
using Anatomic.Federation.Signing;
using Anatomic.Machine;
using Anatomic.Machine.Configuration;
using Anatomic.Wire;
using Anatomic.Wire.Bencoding;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Comparison.Scenarios;

/// <summary>Writes orders to the store of a stopped node, as if planters had sent them.</summary>
internal static class PlantedOrderWriter
{
    private const int OrdersPerBatch = 10_000;

    /// <summary>Candidates beside the measured node; none of them exists.</summary>
    private const int OtherNodes = 1000;

    /// <summary>Writes one order per torrent, each signed by its own key, with the maximum of candidates.</summary>
    public static async Task WriteAsync(string folder, NodeId node, Population population)
    {
        await using var world = new MachineWorld(new MachineOptions { StateFolder = folder });
        if (!NetworkName.TryParse(TrackerServers.Network, out var network, out var fault))
        {
            throw new ComparisonException(fault.ToString());
        }
        await using var store = await PlantStore.OpenAsync(world, "plants", network, CancellationToken.None);
        var others = Enumerable.Range(0, OtherNodes).Select(_ => new NodeId(new Hash32(world.Entropy.Bytes(32))));
        NodeId[] nodes = [.. others];
        for (var first = 0; first < population.Torrents; first += OrdersPerBatch)
        {
            var orders = new Signed<PlantOrder>[Math.Min(OrdersPerBatch, population.Torrents - first)];
            var start = first;
            Parallel.For(
                0,
                orders.Length,
                i =>
                    orders[i] = Sign(world, network, population.HashOf(start + i), CandidatesOf(start + i, node, nodes))
            );
            var rows = new List<StoredPlant>();
            foreach (var order in orders)
            {
                var now = world.Clock.GetUtcNow().ToUnixTimeMilliseconds();
                var entry = store.Ledger.Put(PlantEntry.Of(order, ManifestOp.Planted, now));
                rows.Add(new StoredPlant(entry, order.Envelope, null));
            }
            await store.SaveAsync(rows, static () => { });
        }
    }

    private static NodeId[] CandidatesOf(int torrent, NodeId node, NodeId[] others)
    {
        var random = new SplitMix64((ulong)torrent + 1);
        var candidates = new HashSet<NodeId> { node };
        while (candidates.Count < NetworkLimits.MaxCandidates)
        {
            candidates.Add(others[random.Next(others.Length)]);
        }
        return [.. candidates];
    }

    private static Signed<PlantOrder> Sign(IWorld world, NetworkName network, Hash20 swarm, NodeId[] candidates)
    {
        var signer = world.Signatures.Open(world.Signatures.CreateKey());
        var plain = new PlantOrder
        {
            Swarms = [swarm],
            Candidates = candidates,
            Want = NetworkLimits.DefaultWant,
            At = world.Clock.GetUtcNow().ToUnixTimeMilliseconds(),
        };
        Invariant.Holds(BencodeValue.TryParse(plain.Write(), BencodeMode.Strict, out var value, out _));
        var prefix = Work.Prefix(network, signer.PublicKey.Span, value);
        var nonce = Work.Search(prefix, network.WorkFloor, from: 0, tries: int.MaxValue);
        return new ItemSigner(signer, network).Sign(plain with { Nonce = nonce!.Value });
    }
}
