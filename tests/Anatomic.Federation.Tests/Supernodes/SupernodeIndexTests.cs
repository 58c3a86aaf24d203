using Anatomic.Federation.Supernodes;
using Anatomic.Wire;
using Anatomic.Wire.Identity;

namespace Anatomic.Federation.Tests.Supernodes;

public class SupernodeIndexTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static NodeId Node(int number) => new(new Hash32((ulong)number, 2, 3, 4));

    private static Hash32 Order(int number) => new((ulong)number, 9, 9, 9);

    private static Hash20 Swarm(int number) => new((ulong)number * 0x9E37_79B9_7F4A_7C15, 5, 6);

    [Fact]
    public void All_holders_of_an_order_are_found_even_in_several_blocks()
    {
        var index = new SupernodeIndex(1);
        for (var node = 1; node <= 12; node++)
        {
            index.Add(Node(node), Order(1), Swarm(1), Start, 100).ShouldBe(IndexOutcome.Added);
            index.Add(Node(node), Order(1), Swarm(1), Start, 100).ShouldBe(IndexOutcome.Known);
        }
        var found = index.Lookup(Swarm(1)).ShouldHaveSingleItem();
        found.Holders.ShouldBe(Enumerable.Range(1, 12).Select(Node).Order());
        found.FirstSeen.ShouldBe(Start);
        index.BlockCount.ShouldBe(3);
        index.Lookup(Swarm(2)).ShouldBeEmpty();
    }

    [Fact]
    public void The_order_first_seen_earliest_comes_first()
    {
        var index = new SupernodeIndex(1);
        index.Add(Node(1), Order(1), Swarm(1), Start.AddHours(1), 100);
        index.Add(Node(2), Order(2), Swarm(1), Start, 100);
        index.Lookup(Swarm(1)).Select(order => order.OrderPrefix).ShouldBe([2UL, 1UL]);
    }

    [Fact]
    public void A_node_has_no_more_entries_than_its_quota()
    {
        var index = new SupernodeIndex(1);
        for (var i = 0; i < 10; i++)
        {
            index.Add(Node(1), Order(i), Swarm(i), Start, 10).ShouldBe(IndexOutcome.Added);
        }
        index.Add(Node(1), Order(10), Swarm(10), Start, 10).ShouldBe(IndexOutcome.OverQuota);
        index.Remove(Node(1), Order(3), Swarm(3));
        index.Add(Node(1), Order(10), Swarm(10), Start, 10).ShouldBe(IndexOutcome.Added);
        index.CountOf(Node(1)).ShouldBe(10);
    }

    [Fact]
    public void A_receipt_counts_until_it_expires_unless_the_manifest_confirms_it()
    {
        var index = new SupernodeIndex(1);
        index.AddProvisional(Node(1), Order(1), Swarm(1), Start, Start.AddMinutes(3), 100);
        index.AddProvisional(Node(2), Order(1), Swarm(1), Start, Start.AddMinutes(3), 100);
        index.Holds(Node(1), Order(1), Swarm(1)).ShouldBeFalse();
        index.Add(Node(1), Order(1), Swarm(1), Start, 100).ShouldBe(IndexOutcome.Known);
        index.Holds(Node(1), Order(1), Swarm(1)).ShouldBeTrue();
        index.Expire(Start.AddMinutes(2));
        index.Lookup(Swarm(1))[0].Holders.Count.ShouldBe(2);
        index.Expire(Start.AddMinutes(3));
        index.Lookup(Swarm(1))[0].Holders.ShouldBe([Node(1)]);
    }

    [Fact]
    public void A_whole_list_removes_all_other_entries_except_receipts()
    {
        var index = new SupernodeIndex(1);
        for (var i = 1; i <= 5; i++)
        {
            index.Add(Node(1), Order(i), Swarm(i), Start, 100);
            index.Add(Node(2), Order(i), Swarm(i), Start, 100);
        }
        index.AddProvisional(Node(1), Order(6), Swarm(6), Start, Start.AddMinutes(3), 100);
        index.KeepOnly(Node(1), new HashSet<ulong> { SupernodeIndex.PrefixOf(Order(2)) });
        index.CountOf(Node(1)).ShouldBe(2);
        index.CountOf(Node(2)).ShouldBe(5);
        index.Lookup(Swarm(6)).ShouldHaveSingleItem();
    }

    [Fact]
    public void The_index_matches_a_plain_table_after_any_changes()
    {
        var index = new SupernodeIndex(0xABCDEF);
        var plain = new HashSet<(int Node, int Order, int Swarm)>();
        ulong state = 42;
        int Next(int bound)
        {
            state = state * 6364136223846793005 + 1442695040888963407;
            return (int)((state >> 33) % (ulong)bound);
        }
        for (var step = 0; step < 30_000; step++)
        {
            var order = Next(900);
            var entry = (Node: 1 + Next(8), Order: order, Swarm: order / 2);
            if (Next(3) > 0)
            {
                index.Add(Node(entry.Node), Order(entry.Order), Swarm(entry.Swarm), Start, int.MaxValue);
                plain.Add(entry);
            }
            else
            {
                index.Remove(Node(entry.Node), Order(entry.Order), Swarm(entry.Swarm));
                plain.Remove(entry);
            }
        }
        index.Count.ShouldBe(plain.Count);
        for (var swarm = 0; swarm < 450; swarm++)
        {
            var expected = plain
                .Where(entry => entry.Swarm == swarm)
                .Select(entry => ((ulong)entry.Order, Node(entry.Node)));
            var found = index
                .Lookup(Swarm(swarm))
                .SelectMany(order => order.Holders.Select(id => (order.OrderPrefix, id)));
            found.Order().ShouldBe(expected.Order());
        }
    }
}
