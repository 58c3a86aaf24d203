using Anatomic.Federation.Orders;
using Anatomic.Federation.Sharing;
using Anatomic.Wire;
using Anatomic.Wire.Network;

namespace Anatomic.Federation.Tests.Sharing;

/// <summary>The sharing state, the batch validator and the holder monitor, called directly.</summary>
public sealed class PeerSharingTests : ITrackedSwarms
{
    private static readonly Endpoint Public = Endpoint.FromV4(0x08080808, 6881);
    private readonly List<SwarmPeer> accepted = [];
    private readonly Queue<SwarmChange> changes = [];
    private readonly PlantLedger ledger = new(1, seed: 1);
    private readonly PeerSharingState sharing;
    private readonly BatchValidator validator;
    private readonly HolderMonitor monitor;
    private DateTimeOffset now = Sample.Now;

    public PeerSharingTests()
    {
        sharing = new PeerSharingState(Sample.Id(1), Sample.Main, this, ledger);
        validator = new BatchValidator(Sample.Id(1), Sample.Main, Sample.Reader(Sample.Main), ledger, sharing, this);
        monitor = new HolderMonitor(sharing);
    }

    void ITrackedSwarms.Admit(Hash20 swarm) { }

    void ITrackedSwarms.Withdraw(Hash20 swarm) { }

    int ITrackedSwarms.DrainChanges(Span<SwarmChange> into)
    {
        var count = 0;
        while (count < into.Length && changes.TryDequeue(out var change))
        {
            into[count++] = change;
        }
        return count;
    }

    int ITrackedSwarms.Snapshot(Hash20 swarm, Span<SwarmPeer> into) => 0;

    SwarmTotals ITrackedSwarms.Totals(Hash20 swarm) => default;

    DateTimeOffset ITrackedSwarms.LastAnnounce(Hash20 swarm) => DateTimeOffset.MinValue;

    void ITrackedSwarms.AddShared(
        Hash20 swarm,
        Hash32 partner,
        ReadOnlySpan<SwarmPeer> peers,
        ReadOnlySpan<Endpoint> gone,
        SwarmTotals totals
    ) => accepted.AddRange(peers);

    void ITrackedSwarms.ForgetShared(Hash20 swarm, Hash32 partner) { }

    private PlantEntry Hold(params byte[] candidates) => Hold(1, candidates);

    private PlantEntry Hold(int want, byte[] candidates)
    {
        var order = Sample.Order(candidates, want, network: Sample.Main);
        var entry = ledger.Put(PlantEntry.Of(order, ManifestOp.Planted, now.ToUnixTimeMilliseconds()));
        sharing.Add(entry, now);
        return entry;
    }

    private PeersRequest Batch(byte from, byte to, long seq, Hash32 order, params SwarmPeer[] peers)
    {
        var batch = new PeerBatch
        {
            To = Sample.Id(to),
            Boot = 5,
            Seq = seq,
            At = now.ToUnixTimeMilliseconds(),
            Shares = [new PeerShare(order, Sample.Swarm, peers, [], new SwarmTotals(0, peers.Length))],
        };
        return new PeersRequest(Sample.Signer(from, Sample.Main).Sign(batch).Envelope);
    }

    private long NextSeq()
    {
        now += TimeSpan.FromSeconds(1);
        return now.ToUnixTimeMilliseconds();
    }

    private Partner Learn(byte who)
    {
        var record = new NodeRecord
        {
            Role = NodeRole.Node,
            Urls = [new Uri("http://8.8.8.8:7070/")],
            Addresses = [Endpoint.FromV4(0x08080808, 7070)],
            Seq = 1,
            Work = 20,
        };
        sharing.UpdateRecord(Sample.Signer(who, Sample.Main).Sign(record));
        return sharing.Find(Sample.Id(who))!;
    }

    [Fact]
    public void The_peers_of_another_candidate_are_accepted()
    {
        var entry = Hold(1, 2);

        validator.Apply(Batch(2, 1, NextSeq(), entry.Digest, new SwarmPeer(Public, true)), now).Status.ShouldBe(200);

        accepted.ShouldBe([new SwarmPeer(Public, true)]);
        sharing.Find(Sample.Id(2))!.IsHolder.ShouldBeTrue();
    }

    [Fact]
    public void A_replayed_batch_is_rejected()
    {
        var entry = Hold(1, 2);
        var batch = Batch(2, 1, NextSeq(), entry.Digest, new SwarmPeer(Public, true));

        validator.Apply(batch, now).Status.ShouldBe(200);
        validator.Apply(batch, now).Status.ShouldBe(409);
        accepted.Count.ShouldBe(1);
    }

    [Fact]
    public void A_batch_that_is_for_another_node_or_old_or_forged_is_rejected()
    {
        var entry = Hold(1, 2);
        var peer = new SwarmPeer(Public, true);
        var old = Batch(2, 1, NextSeq(), entry.Digest, peer);
        var good = Batch(2, 1, NextSeq(), entry.Digest, peer);
        var forged = SignedItem.Assemble(good.Batch.PublicKey.Span, new byte[64], good.Batch.Value.Raw.Span);

        validator.Apply(Batch(2, 3, NextSeq(), entry.Digest, peer), now).Status.ShouldBe(409);
        validator.Apply(new PeersRequest(forged), now).Status.ShouldBe(422);
        validator.Apply(old, now + TimeSpan.FromMinutes(11)).Status.ShouldBe(409);
        accepted.ShouldBeEmpty();
    }

    [Fact]
    public void A_stranger_only_learns_that_its_order_is_not_held()
    {
        Hold(1, 2);
        var strange = new Hash32(9, 9, 9, 9);

        var result = validator.Apply(Batch(7, 1, NextSeq(), strange, new SwarmPeer(Public, true)), now);

        result.NotHeld.ShouldBe([new NotHeld(strange, NotHeldReason.Unknown)]);
        accepted.ShouldBeEmpty();
    }

    [Fact]
    public void A_candidate_of_another_order_cannot_add_to_this_one()
    {
        var entry = Hold(1, 2);
        sharing.Add(ledger.Put(entry with { Digest = new Hash32(8, 8, 8, 8), Candidates = [Sample.Id(3)] }), now);

        validator.Apply(Batch(3, 1, NextSeq(), entry.Digest, new SwarmPeer(Public, true)), now).Status.ShouldBe(200);

        accepted.ShouldBeEmpty();
    }

    [Fact]
    public void Private_addresses_low_ports_and_a_fifth_address_of_a_prefix_are_ignored()
    {
        var entry = Hold(1, 2);
        var peers = Enumerable
            .Range(0, 8)
            .Select(i => new SwarmPeer(Endpoint.FromV4(0x09090900 + (uint)i, 6881), false));
        SwarmPeer[] bad = [new(Endpoint.FromV4(0x0A000001, 6881), false), new(Public.WithPort(80), false)];

        validator.Apply(Batch(2, 1, NextSeq(), entry.Digest, [.. bad, .. peers.Take(3)]), now);
        validator.Apply(Batch(2, 1, NextSeq(), entry.Digest, [.. peers.Skip(3)]), now);

        accepted.ShouldBe(peers.Take(4));
    }

    [Fact]
    public void Every_candidate_gets_one_snapshot_and_nothing_more_if_it_does_not_hold_the_order()
    {
        var entry = Hold(1, 2, 3);
        var two = Learn(2);
        now += TimeSpan.FromSeconds(1);

        sharing.Due(now).ShouldBe([two]);
        sharing.StartBatch(two, now).Count.ShouldBe(1);
        sharing.CompleteBatch(two, new PeersResponse(4, [new NotHeld(entry.Digest, NotHeldReason.Unknown)], []), now);

        now += TimeSpan.FromHours(1);
        sharing.Due(now).ShouldBeEmpty();
    }

    [Fact]
    public void Changes_are_sent_within_a_second_and_again_after_a_failed_batch()
    {
        var entry = Hold(1, 2);
        var two = Learn(2);
        now += TimeSpan.FromSeconds(1);
        sharing.StartBatch(two, now);
        sharing.CompleteBatch(two, new PeersResponse(4, [], []), now);
        changes.Enqueue(new SwarmChange(Sample.Swarm, new SwarmPeer(Public, false), false));

        sharing.Drain(now);
        now += TimeSpan.FromSeconds(1);
        var share = sharing.StartBatch(two, now).ShouldHaveSingleItem();
        share.Peers.ShouldBe([new SwarmPeer(Public, false)]);
        sharing.FailBatch(two, now);

        sharing.Due(now).ShouldBeEmpty();
        now += TimeSpan.FromSeconds(2);
        sharing.Due(now).ShouldBe([two]);
        sharing.StartBatch(two, now).ShouldHaveSingleItem().Order.ShouldBe(entry.Digest);
    }

    [Fact]
    public void An_empty_heartbeat_is_sent_every_two_minutes()
    {
        Hold(1, 2);
        var two = Learn(2);
        now += TimeSpan.FromSeconds(1);
        sharing.StartBatch(two, now);
        sharing.CompleteBatch(two, new PeersResponse(4, [], []), now);

        sharing.Due(now + TimeSpan.FromSeconds(119)).ShouldBeEmpty();
        sharing.Due(now + TimeSpan.FromSeconds(120)).ShouldBe([two]);
        sharing.StartBatch(two, now + TimeSpan.FromSeconds(120)).ShouldBeEmpty();
    }

    private IReadOnlyList<(PlantEntry Entry, IReadOnlyList<Partner> Candidates)> Gaps(DateTimeOffset at) =>
        monitor.Gaps(0, 1, at);

    private IReadOnlyList<PlantEntry> Surplus(DateTimeOffset at) => monitor.Surplus(0, 1, at);

    private void Receive(byte who, PlantEntry entry) => validator.Apply(Batch(who, 1, NextSeq(), entry.Digest), now);

    [Fact]
    public void A_silent_partner_is_lost_only_if_two_supernodes_or_the_only_one_find_it_dead()
    {
        var entry = Hold(want: 2, [1, 2, 3]);
        Receive(2, entry);
        now += TimeSpan.FromMinutes(9);
        monitor.SilentPartners(now).Count(silent => silent.Partner.Id == Sample.Id(2)).ShouldBe(0);
        now += TimeSpan.FromMinutes(2);
        var silent = monitor.SilentPartners(now).Single(silent => silent.Partner.Id == Sample.Id(2));

        monitor.ApplyReport(silent, new LivenessReport(0, 0), now).ShouldBeFalse();
        monitor.ApplyReport(silent, new LivenessReport(2, 1), now).ShouldBeFalse();
        monitor.ApplyReport(silent, new LivenessReport(1, 1), now).ShouldBeTrue();
        silent.Partner.IsHolder.ShouldBeFalse();
    }

    [Fact]
    public void A_node_with_mostly_silent_partners_asks_about_none_of_them()
    {
        var entry = Hold(want: 2, [1, 2, 3, 4, 5, 6, 7]);
        for (byte who = 2; who <= 7; who++)
        {
            Receive(who, entry);
        }
        now += TimeSpan.FromMinutes(11);

        monitor.SilentPartners(now).ShouldBeEmpty();

        for (byte who = 3; who <= 6; who++)
        {
            Receive(who, entry);
        }
        monitor
            .SilentPartners(now)
            .Select(silent => silent.Partner.Id)
            .ShouldBe([Sample.Id(2), Sample.Id(7)], ignoreOrder: true);
    }

    [Fact]
    public void The_holder_at_the_first_place_fills_a_gap_after_a_minute_unless_it_closed()
    {
        var entry = Hold(want: 2, [1, 2, 3]);
        foreach (byte who in new byte[] { 2, 3 })
        {
            var partner = Learn(who);
            now += TimeSpan.FromSeconds(1);
            sharing.StartBatch(partner, now);
            sharing.CompleteBatch(
                partner,
                new PeersResponse(4, [new NotHeld(entry.Digest, NotHeldReason.Unknown)], []),
                now
            );
        }

        Gaps(now).ShouldBeEmpty();
        var (_, candidates) = Gaps(now + TimeSpan.FromSeconds(61)).ShouldHaveSingleItem();
        candidates.Select(one => one.Id).ShouldBe([Sample.Id(2), Sample.Id(3)]);
        Receive(2, entry);
        Gaps(now + TimeSpan.FromHours(1)).ShouldBeEmpty();
    }

    [Fact]
    public void The_last_holder_gives_an_order_up_after_a_day_with_a_surplus()
    {
        var entry = Hold(want: 1, [2, 1, 3]);
        Receive(2, entry);

        Surplus(now).ShouldBeEmpty();
        Surplus(now + TimeSpan.FromHours(25)).ShouldBe([entry]);
        Receive(3, entry);
        Surplus(now + TimeSpan.FromHours(26)).ShouldBeEmpty();
    }

    /// <summary>Holds orders of this many torrents, all with the candidates 1 and 2.</summary>
    private void HoldMany(int count)
    {
        var entry = PlantEntry.Of(Sample.Order([1, 2]), ManifestOp.Planted, now.ToUnixTimeMilliseconds());
        for (var i = 1UL; i <= (ulong)count; i++)
        {
            var one = entry with { Digest = new Hash32(i, 0, 0, 0), Swarms = [new Hash20(i, 0, 0)] };
            sharing.Add(ledger.Put(one), now);
        }
    }

    /// <summary>Sends everything that is due to a partner that has not restarted.</summary>
    private List<Hash32> SendAll(Partner partner)
    {
        var sent = new List<Hash32>();
        now += TimeSpan.FromSeconds(1);
        while (sharing.Due(now).Contains(partner))
        {
            sent.AddRange(sharing.StartBatch(partner, now).Select(share => share.Order));
            sharing.CompleteBatch(partner, new PeersResponse(4, [], []), now);
        }
        return sent;
    }

    [Fact]
    public void A_partner_gets_one_snapshot_of_each_of_thousands_of_orders_and_again_after_a_restart()
    {
        const int orders = 5000;
        HoldMany(orders);
        var two = Learn(2);

        SendAll(two).Distinct().Count().ShouldBe(orders);
        SendAll(two).ShouldBeEmpty();
        sharing.UpdateBoot(two, 9, now);
        sharing.UpdateBoot(two, 4, now);
        SendAll(two).Order().ShouldBe(Enumerable.Range(1, orders).Select(i => new Hash32((ulong)i, 0, 0, 0)));
    }

    [Fact]
    public void A_lost_partner_that_is_heard_again_gets_a_snapshot_of_every_order()
    {
        const int orders = 300;
        HoldMany(orders);
        var two = Learn(2);
        SendAll(two);

        sharing.MarkLost(two, now);
        two.IsHolder.ShouldBeFalse();
        Gaps(now).ShouldBeEmpty();
        sharing.StateOf(two, new Hash32(7, 0, 0, 0)).ShouldBe(HoldingState.Lost);
        sharing.MarkHeard(two, now);
        sharing.StateOf(two, new Hash32(7, 0, 0, 0)).ShouldBe(HoldingState.Untried);

        SendAll(two).Distinct().Count().ShouldBe(orders);
        two.IsHolder.ShouldBeTrue();
    }

    [Fact]
    public void A_partner_is_forgotten_with_the_last_order_that_names_it()
    {
        HoldMany(3);
        var two = sharing.Find(Sample.Id(2))!;
        for (var i = 1UL; i <= 3; i++)
        {
            sharing.Find(Sample.Id(2)).ShouldBe(two);
            var held = ledger.Find(new Hash32(i, 0, 0, 0))!;
            ledger.Put(held with { Op = ManifestOp.Dropped });
            sharing.Remove(held);
        }

        sharing.Find(Sample.Id(2)).ShouldBeNull();
        HoldMany(1);
        sharing.Find(Sample.Id(2)).ShouldNotBe(two);
    }

    [Fact]
    public void With_too_many_pending_changes_a_partner_gets_snapshots()
    {
        const int orders = FederationLimits.MaxPendingChanges / 100;
        HoldMany(orders);
        var two = Learn(2);
        SendAll(two);
        for (var i = 1UL; i <= orders; i++)
        {
            for (var peer = 0U; peer < 150; peer++)
            {
                var address = Endpoint.FromV4(0x08080000 + peer, 6881);
                changes.Enqueue(new SwarmChange(new Hash20(i, 0, 0), new SwarmPeer(address, false), false));
            }
        }

        sharing.Drain(now);

        now += TimeSpan.FromSeconds(1);
        var sent = new List<PeerShare>();
        while (sharing.Due(now).Count > 0)
        {
            sent.AddRange(sharing.StartBatch(two, now));
            sharing.CompleteBatch(two, new PeersResponse(4, [], []), now);
        }
        sent.Select(share => share.Order).Distinct().Count().ShouldBe(orders);
        // The snapshots of this tracker are empty.
        sent.Count(share => share.Peers.Count == 0).ShouldBeInRange(1, orders - 1);
    }
}
