using Anatomic.Engine.Metadata;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;
using Anatomic.Wire.Peers;

namespace Anatomic.Engine.Tests.Metadata;

public class HashResponderTests
{
    private readonly MemoryWorld world = Sample.World();
    private readonly List<int> charges = [];

    [Fact]
    public void A_tree_is_built_once_and_charged_to_the_peer_that_asks_first()
    {
        var metainfo = Sample.Create(world, TorrentFormat.V2);
        var responder = new HashResponder(metainfo, world.Workers);
        var (root, layer) = metainfo.PieceLayers.MaxBy(entry => entry.Value.Length);
        var pieces = layer.Length / Hash32.Length;
        var range = new HashRange(root, Merkle.PieceLayer(metainfo.Info.PieceLength), 0, 4, 0);
        MemoryWorld.Run(async () =>
        {
            var hashes = await responder.RespondAsync(range, charges.Add);
            hashes.ShouldNotBeNull()[..layer.Length].ShouldBe(layer.ToArray());
            (await responder.RespondAsync(range, charges.Add)).ShouldBe(hashes);
        });
        charges.ShouldBe([pieces, range.Length, range.Length]);
    }

    [Fact]
    public void Hashes_that_do_not_exist_are_refused_and_cost_nothing()
    {
        var metainfo = Sample.Create(world, TorrentFormat.V2);
        var responder = new HashResponder(metainfo, world.Workers);
        MemoryWorld.Run(async () =>
            (await responder.RespondAsync(new HashRange(default, 1, 0, 2, 0), charges.Add)).ShouldBeNull()
        );
        charges.ShouldBeEmpty();
    }
}
