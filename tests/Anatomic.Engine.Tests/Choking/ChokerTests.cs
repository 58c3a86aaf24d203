using Anatomic.Engine.Choking;
using Anatomic.Testing;
using Anatomic.Wire;

namespace Anatomic.Engine.Tests.Choking;

public class ChokerTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;

    private static ChokeCandidate Peer(
        int number,
        long down = 0,
        long up = 0,
        bool interested = true,
        bool snubbed = false,
        int unchokedSeconds = -1,
        uint host = 0
    ) =>
        new(
            number,
            Endpoint.FromV4(host == 0 ? (uint)number : host, (ushort)number),
            interested,
            unchokedSeconds >= 0,
            snubbed,
            down,
            up,
            TimeSpan.FromSeconds(Math.Max(0, unchokedSeconds)),
            TimeSpan.FromMinutes(10)
        );

    private static List<int> Decide(Choker choker, ChokeCandidate[] peers, int slots, bool seeding, int seconds = 0)
    {
        var unchoked = new List<int>();
        choker.Decide(Start.AddSeconds(seconds), peers, slots, seeding, unchoked);
        return unchoked;
    }

    [Fact]
    public void The_fastest_senders_and_one_random_peer_are_unchoked()
    {
        var choker = new Choker(new SeededEntropy(1));
        var unchoked = Decide(choker, [.. Enumerable.Range(1, 10).Select(n => Peer(n, down: n))], 3, seeding: false);
        unchoked.Count.ShouldBe(3);
        unchoked[0].ShouldBe(choker.Optimistic);
        unchoked.Skip(1).ShouldBe(Enumerable.Range(1, 10).Reverse().Where(n => n != choker.Optimistic).Take(2));
    }

    [Fact]
    public void The_optimistic_peer_keeps_its_slot_for_thirty_seconds()
    {
        var choker = new Choker(new SeededEntropy(2));
        ChokeCandidate[] peers = [.. Enumerable.Range(1, 20).Select(n => Peer(n, down: n))];
        Decide(choker, peers, 2, seeding: false);
        var chosen = choker.Optimistic;
        for (var i = 0; i < peers.Length; i++)
        {
            peers[i] = peers[i] with { Unchoked = peers[i].PeerNumber == chosen };
        }
        Decide(choker, peers, 2, seeding: false, seconds: 10);
        Decide(choker, peers, 2, seeding: false, seconds: 20);
        choker.Optimistic.ShouldBe(chosen);
        Decide(choker, peers, 2, seeding: false, seconds: 30);
        choker.Optimistic.ShouldNotBe(chosen);
    }

    [Fact]
    public void A_peer_that_is_not_interested_gets_no_slot() =>
        Decide(new Choker(new SeededEntropy(3)), [Peer(1, interested: false), Peer(2)], 4, seeding: false)
            .ShouldBe([2]);

    [Fact]
    public void A_snubbing_peer_gets_at_most_the_optimistic_slot()
    {
        var choker = new Choker(new SeededEntropy(4));
        ChokeCandidate[] peers = [Peer(1, down: 900, snubbed: true, unchokedSeconds: 5), Peer(2, down: 1), Peer(3)];
        Decide(choker, peers, 2, seeding: false).ShouldNotContain(1);
    }

    [Fact]
    public void While_seeding_waiting_peers_get_a_slot_after_a_minute()
    {
        var choker = new Choker(new SeededEntropy(5));
        ChokeCandidate[] peers =
        [
            Peer(1, up: 900, unchokedSeconds: 61),
            Peer(2, up: 800, unchokedSeconds: 61),
            Peer(3),
            Peer(4),
        ];
        Decide(choker, peers, 2, seeding: true).Order().ShouldBe([3, 4]);
    }

    [Fact]
    public void A_free_slot_is_given_at_once_to_the_best_that_waits()
    {
        var choker = new Choker(new SeededEntropy(6));
        ChokeCandidate[] peers = [Peer(1, unchokedSeconds: 1), Peer(2, down: 5), Peer(3, down: 9)];
        choker.ChooseForFreeSlot(peers, slots: 2, seeding: false).ShouldBe(3);
        choker.ChooseForFreeSlot(peers, slots: 1, seeding: false).ShouldBe(0);
    }

    [Fact]
    public void A_free_slot_goes_to_the_host_that_has_fewest()
    {
        ChokeCandidate[] peers = [Peer(1, unchokedSeconds: 1, host: 99), Peer(2, down: 9, host: 99), Peer(3, down: 1)];
        new Choker(new SeededEntropy(7)).ChooseForFreeSlot(peers, slots: 2, seeding: false).ShouldBe(3);
    }

    [Fact]
    public void Many_connections_of_one_host_leave_slots_to_others()
    {
        var many = Enumerable.Range(1, 100).Select(n => Peer(n, down: 1_000, host: 77));
        ChokeCandidate[] peers = [.. many, Peer(201, down: 1), Peer(202), Peer(203), Peer(204), Peer(205)];
        var unchoked = Decide(new Choker(new SeededEntropy(8)), peers, 8, seeding: false);
        unchoked.Count(number => number <= 100).ShouldBeInRange(2, 3);
        unchoked.Count.ShouldBe(8);
    }

    [Fact]
    public void A_single_host_may_have_all_slots_when_nobody_else_waits()
    {
        ChokeCandidate[] peers = [.. Enumerable.Range(1, 20).Select(n => Peer(n, down: 1_000, host: 77))];
        Decide(new Choker(new SeededEntropy(9)), peers, 8, seeding: false).Count.ShouldBe(8);
    }

    [Fact]
    public void The_optimistic_slot_rotates_over_hosts_and_not_over_connections()
    {
        var chosen = 0;
        for (var seed = 0; seed < 200; seed++)
        {
            var many = Enumerable.Range(1, 50).Select(n => Peer(n, host: 77));
            var choker = new Choker(new SeededEntropy((ulong)seed));
            Decide(choker, [.. many, Peer(100)], 2, seeding: false);
            chosen += choker.Optimistic == 100 ? 1 : 0;
        }
        chosen.ShouldBeInRange(60, 140);
    }
}
