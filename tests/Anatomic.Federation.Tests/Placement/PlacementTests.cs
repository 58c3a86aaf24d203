using Anatomic.Federation.Placement;
using Anatomic.Wire;
using Anatomic.Wire.Identity;

namespace Anatomic.Federation.Tests.Placement;

public class PlacementTests
{
    private static Hash20 Hash(int number) => new((ulong)number * 0x9E37_79B9_7F4A_7C15, (ulong)number, 7);

    private static NodeId Id(int number) => new(new Hash32((ulong)number * 0xD6E8_FEB8_6659_FD93, 1, 2, (ulong)number));

    private static PlacementPrefix Prefix(int network) => new(0, 0x0000_FFFF_0000_0000UL | (uint)(network << 8), 0);

    private static PlacementCandidate Node(int number, int network, int weight = 1) =>
        new(Id(number), Prefix(network), weight);

    [Fact]
    public void The_same_nodes_always_get_the_same_ranking()
    {
        var nodes = Enumerable.Range(0, 40).Select(i => Node(i, i)).ToArray();
        for (var i = 0; i < 20; i++)
        {
            PlacementRules.Rank(nodes.Reverse(), Hash(i)).ShouldBe(PlacementRules.Rank(nodes, Hash(i)));
        }
    }

    [Fact]
    public void The_second_node_of_a_prefix_follows_the_first_of_every_prefix()
    {
        var nodes = Enumerable.Range(0, 40).Select(i => Node(i, i / 4)).ToArray();
        var network = nodes.ToDictionary(node => node.Id, node => node.Prefix);
        for (var i = 0; i < 50; i++)
        {
            var ranked = PlacementRules.Rank(nodes, Hash(i));
            for (var round = 0; round < 4; round++)
            {
                ranked.Skip(10 * round).Take(10).Select(id => network[id]).Distinct().Count().ShouldBe(10);
            }
        }
    }

    [Fact]
    public void Nodes_get_torrents_in_proportion_to_their_draws()
    {
        var nodes = Enumerable.Range(0, 50).Select(i => Node(i, i, i == 0 ? 4 : 1)).ToArray();
        var first = new Dictionary<NodeId, int>();
        const int hashes = 10_000;
        for (var i = 0; i < hashes; i++)
        {
            var best = PlacementRules.Rank(nodes, Hash(i))[0];
            first[best] = first.GetValueOrDefault(best) + 1;
        }
        // 53 draws in all: about 189 each, 755 for the one of weight 4.
        first[Id(0)].ShouldBeInRange(650, 860);
        nodes.Skip(1).ShouldAllBe(node => first[node.Id] > 120 && first[node.Id] < 260);
    }

    [Fact]
    public void Another_id_does_not_improve_the_rank_among_prefixes()
    {
        for (var i = 0; i < 50; i++)
        {
            var others = Enumerable.Range(1, 20).Select(one => Node(one, one)).ToArray();
            var place = Place(Id(0));
            Place(Id(1000 + i)).ShouldBe(place);

            int Place(NodeId id)
            {
                var self = new PlacementCandidate(id, Prefix(0), 1);
                return PlacementRules.Rank([self, .. others], Hash(i)).ToList().IndexOf(id);
            }
        }
    }

    [Fact]
    public void A_node_that_leaves_affects_only_its_own_places()
    {
        var nodes = Enumerable.Range(0, 30).Select(i => Node(i, i)).ToArray();
        for (var i = 0; i < 50; i++)
        {
            var before = PlacementRules.Rank(nodes, Hash(i)).Where(id => id != Id(5));
            PlacementRules.Rank(nodes.Where(node => node.Id != Id(5)), Hash(i)).ShouldBe(before);
        }
    }

    [Theory]
    [InlineData(3, 16)]
    [InlineData(160, 16)]
    [InlineData(161, 17)]
    [InlineData(1000, 100)]
    public void The_first_sixteen_or_a_tenth_are_eligible(int live, int eligible) =>
        PlacementRules.EligibleCount(live).ShouldBe(eligible);

    [Fact]
    public void The_prefix_is_that_of_the_first_IPv4_address_on_public_networks()
    {
        var v6 = Endpoint.FromV6([0x20, 1, 0xD, 0xB8, 0, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3], 80);
        var v4 = Endpoint.FromV4(0xC6336405, 80);
        PlacementPrefix.Of([v6, v4], privateNetwork: false).ShouldBe(new PlacementPrefix(0, 0x0000_FFFF_C633_6400, 0));
        PlacementPrefix.Of([v6], privateNetwork: false).ShouldBe(new PlacementPrefix(0x2001_0DB8_0001_0000, 0, 0));
        PlacementPrefix.Of([v4], privateNetwork: true).ShouldBe(new PlacementPrefix(v4.High, v4.Low, 80));
    }

    [Fact]
    public void A_hash_has_three_fixed_supernodes_and_all_supernodes_get_their_share()
    {
        var supernodes = Enumerable.Range(0, 10).Select(Id).ToArray();
        var counts = new Dictionary<NodeId, int>();
        for (var i = 0; i < 3_000; i++)
        {
            var own = Rendezvous.Best(supernodes, id => id, Hash(i), Rendezvous.OwnSupernodes);
            own.ShouldBe(Rendezvous.Best(supernodes.Reverse(), id => id, Hash(i), Rendezvous.OwnSupernodes));
            foreach (var id in own)
            {
                counts[id] = counts.GetValueOrDefault(id) + 1;
            }
        }
        supernodes.ShouldAllBe(id => counts[id] > 750 && counts[id] < 1_050);
    }

    [Fact]
    public void Peers_are_spread_over_the_holders_and_each_keeps_its_holder()
    {
        var holders = Enumerable.Range(0, 3).Select(Id).ToArray();
        var counts = holders.ToDictionary(id => id, _ => 0);
        for (var peer = 0; peer < 3_000; peer++)
        {
            var peerId = Hash(peer);
            var best = holders.MaxBy(id => Rendezvous.Score(id, Hash(1), peerId));
            counts[best]++;
        }
        counts.Values.ShouldAllBe(count => count > 850 && count < 1_150);
    }
}
