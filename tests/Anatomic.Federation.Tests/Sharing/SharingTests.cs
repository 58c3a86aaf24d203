using Anatomic.Federation.Orders;
using Anatomic.Federation.Sharing;
using Anatomic.Wire;
using Anatomic.Wire.Network;

namespace Anatomic.Federation.Tests.Sharing;

/// <summary>The book of partners, the judge of batches and the watch over holders, by calling them.</summary>
public sealed class SharingTests : ITrackedSwarms
{
    private static readonly Endpoint Public = Endpoint.FromV4(0x08080808, 6881);
    private readonly List<SwarmPeer> taken = [];
    private readonly Queue<SwarmChange> changes = [];
    private readonly PlantLedger ledger = new(1, seed: 1);
    private readonly PeerSharingState book;
    private readonly BatchValidator judge;
    private readonly HolderMonitor watch;
    private DateTimeOffset now = Sample.Now;

    public SharingTests()
    {
        book = new PeerSharingState(Sample.Id(1), Sample.Main, this, ledger);
        judge = new BatchValidator(Sample.Id(1), Sample.Main, Sample.Reader(Sample.Main), ledger, book, this);
        watch = new HolderMonitor(book);
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
    ) => taken.AddRange(peers);

    void ITrackedSwarms.ForgetShared(Hash20 swarm, Hash32 partner) { }

    private PlantEntry Hold(params byte[] candidates) => Hold(1, candidates);

    private PlantEntry Hold(int want, byte[] candidates)
    {
        var order = Sample.Order(candidates, want, network: Sample.Main);
        var entry = ledger.Put(PlantEntry.Of(order, ManifestOp.Planted, now.ToUnixTimeMilliseconds()));
        book.Add(entry, now);
        return entry;
    }

    private PeersRequest Post(byte from, byte to, long seq, Hash32 order, params SwarmPeer[] peers)
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
        book.Learn(Sample.Signer(who, Sample.Main).Sign(record));
        return book.Find(Sample.Id(who))!;
    }

    [Fact]
    public void A_fellow_candidate_s_peers_are_taken()
    {
        var entry = Hold(1, 2);

        judge.Judge(Post(2, 1, NextSeq(), entry.Digest, new SwarmPeer(Public, true)), now).Status.ShouldBe(200);

        taken.ShouldBe([new SwarmPeer(Public, true)]);
        book.Find(Sample.Id(2))!.IsHolder.ShouldBeTrue();
    }

    [Fact]
    public void A_batch_that_came_already_is_refused()
    {
        var entry = Hold(1, 2);
        var post = Post(2, 1, NextSeq(), entry.Digest, new SwarmPeer(Public, true));

        judge.Judge(post, now).Status.ShouldBe(200);
        judge.Judge(post, now).Status.ShouldBe(409);
        taken.Count.ShouldBe(1);
    }

    [Fact]
    public void A_batch_for_another_or_of_long_ago_or_falsely_signed_is_refused()
    {
        var entry = Hold(1, 2);
        var peer = new SwarmPeer(Public, true);
        var old = Post(2, 1, NextSeq(), entry.Digest, peer);
        var good = Post(2, 1, NextSeq(), entry.Digest, peer);
        var forged = SignedItem.Assemble(good.Batch.PublicKey.Span, new byte[64], good.Batch.Value.Raw.Span);

        judge.Judge(Post(2, 3, NextSeq(), entry.Digest, peer), now).Status.ShouldBe(409);
        judge.Judge(new PeersRequest(forged), now).Status.ShouldBe(422);
        judge.Judge(old, now + TimeSpan.FromMinutes(11)).Status.ShouldBe(409);
        taken.ShouldBeEmpty();
    }

    [Fact]
    public void A_stranger_only_learns_that_its_order_is_not_held()
    {
        Hold(1, 2);
        var strange = new Hash32(9, 9, 9, 9);

        var verdict = judge.Judge(Post(7, 1, NextSeq(), strange, new SwarmPeer(Public, true)), now);

        verdict.NotHeld.ShouldBe([new NotHeld(strange, NotHeldReason.Unknown)]);
        taken.ShouldBeEmpty();
    }

    [Fact]
    public void A_candidate_of_another_order_cannot_add_to_this_one()
    {
        var entry = Hold(1, 2);
        book.Add(ledger.Put(entry with { Digest = new Hash32(8, 8, 8, 8), Candidates = [Sample.Id(3)] }), now);

        judge.Judge(Post(3, 1, NextSeq(), entry.Digest, new SwarmPeer(Public, true)), now).Status.ShouldBe(200);

        taken.ShouldBeEmpty();
    }

    [Fact]
    public void Private_addresses_low_ports_and_a_fifth_of_a_prefix_are_left_out()
    {
        var entry = Hold(1, 2);
        var peers = Enumerable
            .Range(0, 8)
            .Select(i => new SwarmPeer(Endpoint.FromV4(0x09090900 + (uint)i, 6881), false));
        SwarmPeer[] bad = [new(Endpoint.FromV4(0x0A000001, 6881), false), new(Public.WithPort(80), false)];

        judge.Judge(Post(2, 1, NextSeq(), entry.Digest, [.. bad, .. peers.Take(3)]), now);
        judge.Judge(Post(2, 1, NextSeq(), entry.Digest, [.. peers.Skip(3)]), now);

        taken.ShouldBe(peers.Take(4));
    }

    [Fact]
    public void Every_candidate_is_addressed_once_and_left_out_when_it_does_not_hold()
    {
        var entry = Hold(1, 2, 3);
        var two = Learn(2);
        now += TimeSpan.FromSeconds(1);

        book.Due(now).ShouldBe([two]);
        book.Take(two, now).Count.ShouldBe(1);
        book.Sent(two, new PeersResponse(4, [new NotHeld(entry.Digest, NotHeldReason.Unknown)], []), now);

        now += TimeSpan.FromHours(1);
        book.Due(now).ShouldBeEmpty();
    }

    [Fact]
    public void News_go_out_within_a_second_and_a_failed_batch_is_told_again()
    {
        var entry = Hold(1, 2);
        var two = Learn(2);
        now += TimeSpan.FromSeconds(1);
        book.Take(two, now);
        book.Sent(two, new PeersResponse(4, [], []), now);
        changes.Enqueue(new SwarmChange(Sample.Swarm, new SwarmPeer(Public, false), false));

        book.Drain(now);
        now += TimeSpan.FromSeconds(1);
        var share = book.Take(two, now).ShouldHaveSingleItem();
        share.Peers.ShouldBe([new SwarmPeer(Public, false)]);
        book.Failed(two, now);

        book.Due(now).ShouldBeEmpty();
        now += TimeSpan.FromSeconds(2);
        book.Due(now).ShouldBe([two]);
        book.Take(two, now).ShouldHaveSingleItem().Order.ShouldBe(entry.Digest);
    }

    [Fact]
    public void A_silent_heartbeat_goes_out_every_two_minutes()
    {
        Hold(1, 2);
        var two = Learn(2);
        now += TimeSpan.FromSeconds(1);
        book.Take(two, now);
        book.Sent(two, new PeersResponse(4, [], []), now);

        book.Due(now + TimeSpan.FromSeconds(119)).ShouldBeEmpty();
        book.Due(now + TimeSpan.FromSeconds(120)).ShouldBe([two]);
        book.Take(two, now + TimeSpan.FromSeconds(120)).ShouldBeEmpty();
    }

    private IReadOnlyList<(PlantEntry Entry, IReadOnlyList<Partner> Candidates)> Gaps(DateTimeOffset at) =>
        watch.Gaps(0, 1, at);

    private IReadOnlyList<PlantEntry> Surplus(DateTimeOffset at) => watch.Surplus(0, 1, at);

    private void Hears(byte who, PlantEntry entry) => judge.Judge(Post(who, 1, NextSeq(), entry.Digest), now);

    [Fact]
    public void A_silent_partner_is_lost_only_when_two_supernodes_or_the_only_one_find_it_dead()
    {
        var entry = Hold(want: 2, [1, 2, 3]);
        Hears(2, entry);
        now += TimeSpan.FromMinutes(9);
        watch.Suspects(now).Count(suspect => suspect.Partner.Id == Sample.Id(2)).ShouldBe(0);
        now += TimeSpan.FromMinutes(2);
        var suspect = watch.Suspects(now).Single(suspect => suspect.Partner.Id == Sample.Id(2));

        watch.Hear(suspect, new LivenessReport(0, 0), now).ShouldBeFalse();
        watch.Hear(suspect, new LivenessReport(2, 1), now).ShouldBeFalse();
        watch.Hear(suspect, new LivenessReport(1, 1), now).ShouldBeTrue();
        suspect.Partner.IsHolder.ShouldBeFalse();
    }

    [Fact]
    public void A_node_whose_partners_are_mostly_silent_suspects_itself()
    {
        var entry = Hold(want: 2, [1, 2, 3, 4, 5, 6, 7]);
        for (byte who = 2; who <= 7; who++)
        {
            Hears(who, entry);
        }
        now += TimeSpan.FromMinutes(11);

        watch.Suspects(now).ShouldBeEmpty();

        for (byte who = 3; who <= 6; who++)
        {
            Hears(who, entry);
        }
        watch
            .Suspects(now)
            .Select(suspect => suspect.Partner.Id)
            .ShouldBe([Sample.Id(2), Sample.Id(7)], ignoreOrder: true);
    }

    [Fact]
    public void The_holder_at_the_first_place_fills_a_gap_after_a_minute_and_a_closed_gap_is_forgotten()
    {
        var entry = Hold(want: 2, [1, 2, 3]);
        foreach (byte who in new byte[] { 2, 3 })
        {
            var partner = Learn(who);
            now += TimeSpan.FromSeconds(1);
            book.Take(partner, now);
            book.Sent(partner, new PeersResponse(4, [new NotHeld(entry.Digest, NotHeldReason.Unknown)], []), now);
        }

        Gaps(now).ShouldBeEmpty();
        var (_, candidates) = Gaps(now + TimeSpan.FromSeconds(61)).ShouldHaveSingleItem();
        candidates.Select(one => one.Id).ShouldBe([Sample.Id(2), Sample.Id(3)]);
        Hears(2, entry);
        Gaps(now + TimeSpan.FromHours(1)).ShouldBeEmpty();
    }

    [Fact]
    public void The_last_holder_drops_out_after_a_day_of_one_too_many()
    {
        var entry = Hold(want: 1, [2, 1, 3]);
        Hears(2, entry);

        Surplus(now).ShouldBeEmpty();
        Surplus(now + TimeSpan.FromHours(25)).ShouldBe([entry]);
        Hears(3, entry);
        Surplus(now + TimeSpan.FromHours(26)).ShouldBeEmpty();
    }

    /// <summary>Orders of as many torrents, all with the candidates 1 and 2.</summary>
    private void HoldMany(int count)
    {
        var entry = PlantEntry.Of(Sample.Order([1, 2]), ManifestOp.Planted, now.ToUnixTimeMilliseconds());
        for (var i = 1UL; i <= (ulong)count; i++)
        {
            var one = entry with { Digest = new Hash32(i, 0, 0, 0), Swarms = [new Hash20(i, 0, 0)] };
            book.Add(ledger.Put(one), now);
        }
    }

    /// <summary>Sends all that is due to a partner, which says that it has not started again.</summary>
    private List<Hash32> SendAll(Partner partner)
    {
        var sent = new List<Hash32>();
        now += TimeSpan.FromSeconds(1);
        while (book.Due(now).Contains(partner))
        {
            sent.AddRange(book.Take(partner, now).Select(share => share.Order));
            book.Sent(partner, new PeersResponse(4, [], []), now);
        }
        return sent;
    }

    [Fact]
    public void A_partner_is_told_once_of_each_of_thousands_of_orders_and_again_when_it_starts_again()
    {
        const int orders = 5000;
        HoldMany(orders);
        var two = Learn(2);

        SendAll(two).Distinct().Count().ShouldBe(orders);
        SendAll(two).ShouldBeEmpty();
        book.MeetBoot(two, 9, now);
        book.MeetBoot(two, 4, now);
        SendAll(two).Order().ShouldBe(Enumerable.Range(1, orders).Select(i => new Hash32((ulong)i, 0, 0, 0)));
    }

    [Fact]
    public void A_lost_partner_that_is_heard_again_is_told_of_every_order_again()
    {
        const int orders = 300;
        HoldMany(orders);
        var two = Learn(2);
        SendAll(two);

        book.Lose(two, now);
        two.IsHolder.ShouldBeFalse();
        Gaps(now).ShouldBeEmpty();
        book.StateOf(two, new Hash32(7, 0, 0, 0)).ShouldBe(HoldingState.Lost);
        book.Heard(two, now);
        book.StateOf(two, new Hash32(7, 0, 0, 0)).ShouldBe(HoldingState.Untried);

        SendAll(two).Distinct().Count().ShouldBe(orders);
        two.IsHolder.ShouldBeTrue();
    }

    [Fact]
    public void A_partner_is_forgotten_with_the_last_order_that_names_it()
    {
        HoldMany(3);
        var two = book.Find(Sample.Id(2))!;
        for (var i = 1UL; i <= 3; i++)
        {
            book.Find(Sample.Id(2)).ShouldBe(two);
            var held = ledger.Find(new Hash32(i, 0, 0, 0))!;
            ledger.Put(held with { Op = ManifestOp.Dropped });
            book.Remove(held);
        }

        book.Find(Sample.Id(2)).ShouldBeNull();
        HoldMany(1);
        book.Find(Sample.Id(2)).ShouldNotBe(two);
    }

    [Fact]
    public void So_many_news_wait_for_a_partner_and_then_it_is_told_of_whole_swarms()
    {
        const int orders = SharingLimits.MaxWaitingChanges / 100;
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

        book.Drain(now);

        now += TimeSpan.FromSeconds(1);
        var sent = new List<PeerShare>();
        while (book.Due(now).Count > 0)
        {
            sent.AddRange(book.Take(two, now));
            book.Sent(two, new PeersResponse(4, [], []), now);
        }
        sent.Select(share => share.Order).Distinct().Count().ShouldBe(orders);
        // This tracker has no peers to show of a whole swarm.
        sent.Count(share => share.Peers.Count == 0).ShouldBeInRange(1, orders - 1);
    }
}
