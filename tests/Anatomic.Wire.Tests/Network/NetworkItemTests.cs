using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;
using FsCheck;
using FsCheck.Fluent;

namespace Anatomic.Wire.Tests.Network;

/// <summary>All items round-trip.</summary>
public sealed class NetworkItemTests
{
    private static Hash32 Hash(int seed) => new((ulong)seed * 0x9E37_79B9_7F4A_7C15, (ulong)seed, 3, 4);

    private static NodeId Id(int seed) => new(Hash(seed));

    private static Endpoint Peer(int seed) =>
        seed % 2 == 0
            ? Endpoint.FromV4((uint)(0x5000_0000 + (seed * 7919)), (ushort)(1024 + (seed % 60_000)))
            : new Endpoint(0x2A00_0000_0000_0000 + (ulong)seed, (ulong)seed, (ushort)(1024 + (seed % 60_000)));

    private static void Keeps<T>(T item)
        where T : class, INetworkItem<T>
    {
        var signed = SignedItemTests.Sign(item);
        signed.Item.Write().ShouldBe(item.Write());
        signed.Item.At.ShouldBe(item.At);
    }

    [Fact]
    public void Orders_round_trip() =>
        Prop.ForAll<PositiveInt, PositiveInt, bool>(
                (seed, count, hybrid) =>
                {
                    var candidates = 1 + (count.Get % NetworkLimits.MaxCandidates);
                    var order = new PlantOrder
                    {
                        Swarms = hybrid ? [Hash(seed.Get).Truncated, default] : [Hash(seed.Get).Truncated],
                        Candidates = [.. Enumerable.Range(seed.Get, candidates).Select(Id)],
                        Want = 1 + (seed.Get % candidates),
                        At = seed.Get,
                        Nonce = (ulong)seed.Get,
                    };
                    Keeps(order);
                }
            )
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Batches_round_trip() =>
        Prop.ForAll<PositiveInt, byte, byte>(
                (seed, peers, gone) =>
                {
                    var share = new PeerShare(
                        Hash(seed.Get),
                        Hash(seed.Get).Truncated,
                        [.. Enumerable.Range(seed.Get, peers % 200).Select(i => new SwarmPeer(Peer(i), i % 3 == 0))],
                        [.. Enumerable.Range(seed.Get, gone % 200).Select(Peer)],
                        new SwarmTotals(peers, gone)
                    );
                    var batch = new PeerBatch
                    {
                        To = Id(1),
                        Boot = seed.Get,
                        Seq = seed.Get,
                        At = 9,
                        Shares = [share, share],
                    };
                    Keeps(batch);
                    var read = SignedItemTests.Sign(batch).Item.Shares[0];
                    return read.Peers.Order(ByAddress).SequenceEqual(share.Peers.Order(ByAddress))
                        && read.Gone.Order().SequenceEqual(share.Gone.Order())
                        && read.Totals == share.Totals;
                }
            )
            .QuickCheckThrowOnFailure();

    private static readonly Comparer<SwarmPeer> ByAddress = Comparer<SwarmPeer>.Create(
        (left, right) => left.Address.CompareTo(right.Address)
    );

    [Fact]
    public void Records_round_trip() =>
        Prop.ForAll<PositiveInt>(seed =>
                Keeps(
                    new NodeRecord
                    {
                        Role = seed.Get % 2 == 0 ? NodeRole.Node : NodeRole.Supernode,
                        Urls = [new Uri($"http://10.0.0.{seed.Get % 256}:7070/"), new Uri("https://example.org/a/")],
                        Addresses = [.. Enumerable.Range(seed.Get, 1 + (seed.Get % 4)).Select(Peer)],
                        UdpPort = seed.Get % 65_536,
                        Seq = seed.Get,
                        Weight = 1 + (seed.Get % 4),
                        Work = seed.Get % 27,
                        Software = "Anatomic ☘",
                    }
                )
            )
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Small_items_round_trip()
    {
        Keeps(new Unplant(Hash(1), 2));
        Keeps(new Receipt(Hash(1), Id(2), 3));
        Keeps(new Carry(Hash(1), Id(2), 3));
        Keeps(
            new ManifestHead
            {
                Epoch = 1,
                Seq = 2,
                Floor = 1,
                Count = 4,
                Digest = Hash(5),
                RecordSeq = 6,
                Nonce = new byte[] { 1, 2, 3 },
                At = 7,
            }
        );
    }

    [Fact]
    public void An_order_with_a_candidate_twice_is_rejected() =>
        Refused(
            new PlantOrder
            {
                Swarms = [default],
                Candidates = [Id(1), Id(1)],
                Want = 1,
                At = 1,
            },
            "twice"
        );

    [Fact]
    public void An_order_that_wants_more_holders_than_candidates_is_rejected() =>
        Refused(
            new PlantOrder
            {
                Swarms = [default],
                Candidates = [Id(1)],
                Want = 2,
                At = 1,
            },
            "want"
        );

    [Fact]
    public void A_batch_with_more_than_200_peers_of_a_torrent_is_rejected() =>
        Refused(
            new PeerBatch
            {
                To = Id(1),
                Boot = 1,
                Seq = 1,
                At = 1,
                Shares =
                [
                    new PeerShare(
                        Hash(1),
                        default,
                        [.. Enumerable.Range(0, 201).Select(i => new SwarmPeer(Peer(i), false))],
                        [],
                        default
                    ),
                ],
            },
            "200"
        );

    private static void Refused<T>(T item, string why)
        where T : class, INetworkItem<T>
    {
        var envelope = SignedItem.Assemble(SignedItemTests.KeyOf(1), new byte[64], item.Write());

        Signed.TryReadUnverified<T>(envelope, NetworkName.Main, out _, out var fault).ShouldBeFalse();

        fault!.What.ShouldContain(why);
    }

    [Fact]
    public void Request_and_response_bodies_round_trip()
    {
        var (one, two) = (SignedItemTests.Sign(new Unplant(Hash(1), 2)), SignedItemTests.Sign(new Unplant(Hash(2), 3)));
        PlantSubmission.TryRead(new PlantSubmission(one.Envelope).Write(), out var offer, out _).ShouldBeTrue();
        offer!.Carry.ShouldBeNull();
        PlantSubmission
            .TryRead(new PlantSubmission(one.Envelope, two.Envelope).Write(), out offer, out _)
            .ShouldBeTrue();
        offer!.Carry!.Raw.ToArray().ShouldBe(two.Raw.ToArray());
        UnplantSubmission
            .TryRead(new UnplantSubmission(one.Envelope, two.Envelope).Write(), out var unplant, out _)
            .ShouldBeTrue();
        unplant!.Unplant.Raw.ToArray().ShouldBe(one.Raw.ToArray());
        PeersRequest.TryRead(new PeersRequest(one.Envelope, two.Envelope).Write(), out var post, out _).ShouldBeTrue();
        post!.Record.ShouldNotBeNull();
        var answer = new PeersResponse(7, [new NotHeld(Hash(3), NotHeldReason.Unplanted)], [one.Envelope]);
        PeersResponse.TryRead(answer.Write(), out var heard, out _).ShouldBeTrue();
        heard!.NotHeld.ShouldBe(answer.NotHeld);
        OrdersRequest.TryRead(new OrdersRequest([Hash(1), Hash(2)]).Write(), out var ask, out _).ShouldBeTrue();
        ask!.Digests.ShouldBe([Hash(1), Hash(2)]);
        OrdersResponse
            .TryRead(new OrdersResponse([one.Envelope], [two.Envelope]).Write(), out var bodies, out _)
            .ShouldBeTrue();
        bodies!.Unplants.Count.ShouldBe(1);
        var conflict = new PlantConflict("a newer order is known", one.Envelope);
        PlantConflict.TryRead(conflict.Write(), out var read, out _).ShouldBeTrue();
        read!.Reason.ShouldBe(conflict.Reason);
        read.Unplant.ShouldBeNull();
    }

    [Fact]
    public void Manifest_pages_round_trip_and_must_be_in_order()
    {
        var head = SignedItemTests.Sign(new Unplant(Hash(1), 2)).Envelope;
        var one = new ManifestEntry(1, ManifestOp.Planted, Hash(1));
        var two = new ManifestEntry(5, ManifestOp.Unplanted, Hash(2));

        ManifestPage.TryRead(new ManifestPage(head, [one, two]).Write(), out var page, out _).ShouldBeTrue();
        page!.Entries.ShouldBe([one, two]);
        ManifestPage.TryRead(new ManifestPage(head, [two, one]).Write(), out _, out _).ShouldBeFalse();
    }

    [Fact]
    public void The_value_in_a_torrent_round_trips()
    {
        var item = SignedItemTests.Sign(new Unplant(Hash(1), 2)).Envelope;
        var supernode = new SupernodeAddress(new Uri("https://example.org/"), Id(3));
        var planting = new TorrentPlanting(item, [item, item], [supernode]);

        TorrentPlanting.TryRead(planting.Write(), out var read, out var fault).ShouldBeTrue(fault?.ToString());

        read!.Write().ShouldBe(planting.Write());
        read.Supernodes.ShouldBe([supernode]);
    }

    [Fact]
    public void A_record_with_invalid_UTF8_is_rejected()
    {
        var record = new NodeRecord
        {
            Role = NodeRole.Node,
            Urls = [new Uri("http://host/")],
            Addresses = [Peer(2)],
            Seq = 1,
            Work = 0,
            Software = "0123456789",
        };
        var value = record.Write();
        value.AsSpan(value.AsSpan().IndexOf("0123456789"u8), 10).Fill(0xff);
        var envelope = SignedItem.Assemble(SignedItemTests.KeyOf(1), new byte[64], value);

        Signed.TryReadUnverified<NodeRecord>(envelope, NetworkName.Main, out _, out var fault).ShouldBeFalse();
        fault!.What.ShouldBe("record: software is not UTF-8");
    }
}
