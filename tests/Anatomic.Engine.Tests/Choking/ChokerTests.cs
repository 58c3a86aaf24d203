using Anatomic.Engine.Choking;
using Anatomic.Testing;

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
        int unchokedSeconds = -1
    ) =>
        new(
            number,
            interested,
            unchokedSeconds >= 0,
            snubbed,
            down,
            up,
            TimeSpan.FromSeconds(Math.Max(0, unchokedSeconds)),
            TimeSpan.FromMinutes(10)
        );

    private static List<int> Decide(Choker choker, ChokeCandidate[] peers, bool seeding, int seconds = 0)
    {
        var unchoked = new List<int>();
        choker.Decide(Start.AddSeconds(seconds), peers, seeding, unchoked);
        return unchoked;
    }

    [Fact]
    public void The_fastest_senders_and_one_random_peer_are_unchoked()
    {
        var choker = new Choker(3, new SeededEntropy(1));
        var unchoked = Decide(choker, [.. Enumerable.Range(1, 10).Select(n => Peer(n, down: n))], seeding: false);
        unchoked.Count.ShouldBe(3);
        unchoked[0].ShouldBe(choker.Optimistic);
        unchoked.Skip(1).ShouldBe(Enumerable.Range(1, 10).Reverse().Where(n => n != choker.Optimistic).Take(2));
    }

    [Fact]
    public void The_optimistic_peer_keeps_its_slot_for_thirty_seconds()
    {
        var choker = new Choker(2, new SeededEntropy(2));
        ChokeCandidate[] peers = [.. Enumerable.Range(1, 20).Select(n => Peer(n, down: n))];
        Decide(choker, peers, seeding: false);
        var chosen = choker.Optimistic;
        for (var i = 0; i < peers.Length; i++)
        {
            peers[i] = peers[i] with { Unchoked = peers[i].PeerNumber == chosen };
        }
        Decide(choker, peers, seeding: false, seconds: 10);
        Decide(choker, peers, seeding: false, seconds: 20);
        choker.Optimistic.ShouldBe(chosen);
        Decide(choker, peers, seeding: false, seconds: 30);
        choker.Optimistic.ShouldNotBe(chosen);
    }

    [Fact]
    public void A_peer_that_is_not_interested_gets_no_slot() =>
        Decide(new Choker(4, new SeededEntropy(3)), [Peer(1, interested: false), Peer(2)], seeding: false)
            .ShouldBe([2]);

    [Fact]
    public void A_snubbing_peer_gets_at_most_the_optimistic_slot()
    {
        var choker = new Choker(2, new SeededEntropy(4));
        ChokeCandidate[] peers = [Peer(1, down: 900, snubbed: true, unchokedSeconds: 5), Peer(2, down: 1), Peer(3)];
        Decide(choker, peers, seeding: false).ShouldNotContain(1);
    }

    [Fact]
    public void While_seeding_waiting_peers_get_a_slot_after_a_minute()
    {
        var choker = new Choker(2, new SeededEntropy(5));
        ChokeCandidate[] peers =
        [
            Peer(1, up: 900, unchokedSeconds: 61),
            Peer(2, up: 800, unchokedSeconds: 61),
            Peer(3),
            Peer(4),
        ];
        Decide(choker, peers, seeding: true).Order().ShouldBe([3, 4]);
    }

    [Fact]
    public void A_free_slot_is_available_at_once()
    {
        var choker = new Choker(2, new SeededEntropy(6));
        choker.HasFreeSlot(1).ShouldBeTrue();
        choker.HasFreeSlot(2).ShouldBeFalse();
    }
}
