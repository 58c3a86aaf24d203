using System.Text;
using Anatomic.Federation.Lookup;
using Anatomic.Federation.Planting;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Metainfo;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Simulation.Tests.Planting;

public class PlantingTests
{
    private static readonly CancellationToken Never = CancellationToken.None;

    private static void In(
        int supernodes,
        int nodes,
        Func<Simulator, FederationTestNetwork, SimulatedHost, Task> scenario
    )
    {
        for (var seed = 1UL; seed <= 3; seed++)
        {
            SimulationRun.Execute(
                seed,
                async simulator =>
                {
                    var network = new FederationTestNetwork(simulator);
                    for (var i = 0; i < supernodes; i++)
                    {
                        await network.AddSupernodeAsync([.. network.Addresses.Select(one => one.ToString())]);
                    }
                    for (var i = 0; i < nodes; i++)
                    {
                        await network.AddNodeAsync();
                    }
                    await network.ReadyAsync();
                    await scenario(simulator, network, network.AddPlanter());
                }
            );
        }
    }

    private static Task<PlantResult> PlantAsync(SimulatedHost planter, TorrentMetainfo torrent, PlantOptions options) =>
        planter.RunAsync(async world =>
        {
            var key = await PlanterKey.OpenAsync(world, Never);
            return await new Planter(world, key).PlantAsync(torrent, options, _ => { }, Never);
        });

    [Fact]
    public void A_planted_torrent_names_its_holders_and_every_supernode_knows_them_at_once() =>
        In(
            2,
            4,
            async (simulator, network, planter) =>
            {
                var torrent = FederationTestNetwork.Torrent("one");
                var result = await PlantAsync(planter, torrent, FederationTestNetwork.Plant(network.Addresses[0]));

                result.Holders.Count.ShouldBe(3);
                network.Nodes.Count(node => node.Service.Plants == 1).ShouldBe(3);
                TorrentMetainfo.TryRead(result.Torrent, out var written, out _).ShouldBeTrue();
                written!.Info.Raw.Span.SequenceEqual(torrent.Info.Raw.Span).ShouldBeTrue();
                written.AnnounceTiers.Count.ShouldBe(3);
                written.AnnounceTiers[0].ShouldBe(["http://own.example/announce"]);
                written.AnnounceTiers[1].ShouldBe(result.Holders.SelectMany(holder => holder.AnnounceUrls));
                written.AnnounceTiers[2].ShouldAllBe(url => url.EndsWith("/announce"));
                result.Magnet.ShouldContain("tr=");
                foreach (var supernode in network.Addresses)
                {
                    var orders = await FederationTestNetwork.LookupAsync(planter, supernode, torrent.Info.SwarmIds[0]);
                    orders.Count.ShouldBe(1);
                    orders[0].Holders.Count.ShouldBe(3);
                }
            }
        );

    [Fact]
    public void A_plain_client_is_redirected_to_the_same_live_holder_with_its_complete_query() =>
        In(
            1,
            3,
            async (simulator, network, planter) =>
            {
                var torrent = FederationTestNetwork.Torrent("two");
                var result = await PlantAsync(planter, torrent, FederationTestNetwork.Plant(network.Addresses[0]));
                var query =
                    $"info_hash={FederationTestNetwork.Escaped(torrent.Info.SwarmIds[0])}"
                    + "&peer_id=-XX0001-123456789012&port=6881&x=%20";
                var url = new Uri(network.Addresses[0].Url, $"announce?{query}");

                var first = await FederationTestNetwork.GetAsync(planter, url);
                first.Status.ShouldBe(302);
                first.Headers["cache-control"].ShouldBe("no-store");
                var target = new Uri(first.Headers["location"]);
                target.Query.ShouldBe(url.Query);
                result.Holders.ShouldContain(holder => holder.AnnounceUrls[0] == target.GetLeftPart(UriPartial.Path));
                (await FederationTestNetwork.GetAsync(planter, url))
                    .Headers["location"]
                    .ShouldBe(first.Headers["location"]);

                network.Nodes.Single(node => node.Host.Address == target.Host).Host.Crash();
                await simulator.WaitAsync(TimeSpan.FromMinutes(2.5));
                var after = await FederationTestNetwork.GetAsync(planter, url);
                after.Status.ShouldBe(302);
                new Uri(after.Headers["location"]).Host.ShouldNotBe(target.Host);
            }
        );

    [Fact]
    public void An_unknown_torrent_gets_a_failure_reason_and_a_scrape_of_two_an_empty_list() =>
        In(
            1,
            1,
            async (simulator, network, planter) =>
            {
                var hash = FederationTestNetwork.Escaped(FederationTestNetwork.Torrent("three").Info.SwarmIds[0]);
                var at = network.Addresses[0].Url;
                var unknown = await FederationTestNetwork.GetAsync(planter, new Uri(at, $"announce?info_hash={hash}"));
                unknown.Status.ShouldBe(200);
                Encoding.UTF8.GetString(unknown.Body.Span).ShouldContain("14:failure reason");
                var two = await FederationTestNetwork.GetAsync(
                    planter,
                    new Uri(at, $"scrape?info_hash={hash}&info_hash={hash}")
                );
                Encoding.UTF8.GetString(two.Body.Span).ShouldBe("d5:filesdee");
            }
        );

    [Fact]
    public void An_unplanted_torrent_is_gone_from_nodes_and_supernodes() =>
        In(
            2,
            3,
            async (simulator, network, planter) =>
            {
                var torrent = FederationTestNetwork.Torrent("four");
                var options = FederationTestNetwork.Plant(network.Addresses[0]);
                var result = await PlantAsync(planter, torrent, options);
                TorrentMetainfo.TryRead(result.Torrent, out var written, out _).ShouldBeTrue();

                var ended = await planter.RunAsync(async world =>
                    await new Planter(world, await PlanterKey.OpenAsync(world, Never)).UnplantAsync(
                        written!,
                        options,
                        Never
                    )
                );
                ended.Withdrawn.Count.ShouldBe(3);
                network.Nodes.ShouldAllBe(node => node.Service.Plants == 0);
                await simulator.WaitAsync(TimeSpan.FromMinutes(4));
                foreach (var supernode in network.Addresses)
                {
                    var orders = await FederationTestNetwork.LookupAsync(planter, supernode, torrent.Info.SwarmIds[0]);
                    orders.ShouldBeEmpty();
                }
            }
        );

    [Fact]
    public void Only_the_planter_can_unplant_a_torrent() =>
        In(
            1,
            3,
            async (simulator, network, planter) =>
            {
                var torrent = FederationTestNetwork.Torrent("five");
                var options = FederationTestNetwork.Plant(network.Addresses[0]);
                await PlantAsync(planter, torrent, options);
                var stranger = network.AddPlanter();
                var failure = await Expect.ThrowsAsync<PlantException>(() =>
                    stranger.RunAsync(async world =>
                        await new Planter(world, await PlanterKey.OpenAsync(world, Never)).UnplantAsync(
                            torrent,
                            options,
                            Never
                        )
                    )
                );
                failure.Fault.ShouldBe(PlantFault.NotOurs);
            }
        );

    [Fact]
    public void A_node_that_rejects_is_skipped_and_missing_holders_are_reported() =>
        In(
            1,
            2,
            async (simulator, network, planter) =>
            {
                await network.AddNodeAsync("secret");
                await network.ReadyAsync();
                var result = await PlantAsync(
                    planter,
                    FederationTestNetwork.Torrent("six"),
                    FederationTestNetwork.Plant(network.Addresses[0])
                );
                result.Holders.Count.ShouldBe(2);
                result.Remarks.ShouldContain(remark => remark.Contains("token"));
                result.Remarks.ShouldContain(remark => remark.Contains("2 of the 3"));
            }
        );

    [Fact]
    public void A_file_that_cannot_be_written_leaves_nothing_planted() =>
        In(
            1,
            3,
            async (simulator, network, planter) =>
            {
                var options = FederationTestNetwork.Plant(network.Addresses[0]) with
                {
                    Write = (result, stop) => throw new DiskException(DiskFault.Full, "the disk is full"),
                };
                await Expect.ThrowsAsync<DiskException>(() =>
                    PlantAsync(planter, FederationTestNetwork.Torrent("seven"), options)
                );
                network.Nodes.ShouldAllBe(node => node.Service.Plants == 0);
            }
        );

    [Fact]
    public void Planting_again_replaces_the_order_and_the_tiers() =>
        In(
            1,
            3,
            async (simulator, network, planter) =>
            {
                var torrent = FederationTestNetwork.Torrent("eight");
                var options = FederationTestNetwork.Plant(network.Addresses[0]);
                var first = await PlantAsync(planter, torrent, options);
                TorrentMetainfo.TryRead(first.Torrent, out var written, out _).ShouldBeTrue();
                await simulator.WaitAsync(TimeSpan.FromSeconds(90));
                var second = await planter.RunAsync(async world =>
                    await new Planter(world, await PlanterKey.OpenAsync(world, Never)).RenewAsync(
                        written!,
                        options,
                        _ => { },
                        Never
                    )
                );
                second.Order.ShouldNotBe(first.Order);
                network.Nodes.ShouldAllBe(node => node.Service.Plants == 1);
                TorrentMetainfo.TryRead(second.Torrent, out var again, out _).ShouldBeTrue();
                again!.AnnounceTiers.Count.ShouldBe(3);
                await simulator.WaitAsync(TimeSpan.FromMinutes(4));
                var orders = await FederationTestNetwork.LookupAsync(
                    planter,
                    network.Addresses[0],
                    torrent.Info.SwarmIds[0]
                );
                orders.Count.ShouldBe(1);
            }
        );

    [Fact]
    public void A_supernode_without_a_disk_is_complete_after_one_exchange_and_a_round_of_polls() =>
        In(
            1,
            3,
            async (simulator, network, planter) =>
            {
                var torrent = FederationTestNetwork.Torrent("nine");
                await PlantAsync(planter, torrent, FederationTestNetwork.Plant(network.Addresses[0]));
                var fresh = await network.AddSupernodeAsync(network.Addresses[0].ToString());
                await simulator.WaitAsync(TimeSpan.FromMinutes(2));
                var reply = await FederationTestNetwork.GetAsync(
                    planter,
                    new Uri(fresh.Url, $"lookup?hop=1&h={torrent.Info.SwarmIds[0]}")
                );
                LookupResponse.TryRead(reply.Body, out var read, out _).ShouldBeTrue();
                read!.Orders.Single().Holders.Count.ShouldBe(3);
            }
        );

    [Fact]
    public void A_client_finds_the_holders_through_the_supernodes_that_the_torrent_names() =>
        In(
            2,
            3,
            async (simulator, network, planter) =>
            {
                var torrent = FederationTestNetwork.Torrent("ten");
                var result = await PlantAsync(planter, torrent, FederationTestNetwork.Plant(network.Addresses[0]));
                var found = await planter.RunAsync(world =>
                    new HolderFinder(world, FederationTestNetwork.Name).FindAsync(
                        torrent.Info.SwarmIds[0],
                        result.Supernodes,
                        Never
                    )
                );
                found.Count.ShouldBe(3);
                found[0].AnnounceUrls[1].ShouldStartWith("udp://");
            }
        );

    [Fact]
    public void A_supernode_that_answers_with_another_id_is_not_trusted() =>
        In(
            1,
            1,
            async (simulator, network, planter) =>
            {
                var real = network.Addresses[0];
                var false1 = new SupernodeAddress(real.Url, new NodeId(real.Id.Value with { D = 1 }));
                var failure = await Expect.ThrowsAsync<PlantException>(() =>
                    PlantAsync(planter, FederationTestNetwork.Torrent("eleven"), FederationTestNetwork.Plant(false1))
                );
                failure.Fault.ShouldBe(PlantFault.OutOfReach);
                var none = await Expect.ThrowsAsync<PlantException>(() =>
                    PlantAsync(planter, FederationTestNetwork.Torrent("eleven"), FederationTestNetwork.Plant())
                );
                none.Fault.ShouldBe(PlantFault.NoSupernode);
                none.Message.ShouldContain("--supernode URL#id");
            }
        );

    [Fact]
    public void A_private_torrent_is_planted_only_on_request() =>
        In(
            1,
            1,
            async (simulator, network, planter) =>
            {
                var torrent = FederationTestNetwork.Torrent("twelve", isPrivate: true);
                var options = FederationTestNetwork.Plant(network.Addresses[0]);
                var failure = await Expect.ThrowsAsync<PlantException>(() => PlantAsync(planter, torrent, options));
                failure.Fault.ShouldBe(PlantFault.Private);
                (await PlantAsync(planter, torrent, options with { PrivateOk = true })).Holders.Count.ShouldBe(1);
            }
        );

    [Fact]
    public void The_directory_page_accepts_a_submitted_node_and_reports_the_result() =>
        In(
            1,
            1,
            async (simulator, network, planter) =>
            {
                var at = network.Addresses[0].Url;
                async Task<string> SubmitAsync(string url) =>
                    await planter.RunAsync(async world =>
                    {
                        var ask = new OutboundRequest
                        {
                            Method = "POST",
                            Url = new Uri(at, "submit"),
                            // A silent address makes the supernode wait three seconds before it answers.
                            Timeout = TimeSpan.FromSeconds(10),
                            Body = Encoding.ASCII.GetBytes("url=" + Uri.EscapeDataString(url)),
                        };
                        return Encoding.UTF8.GetString((await world.Http.SendAsync(ask, Never)).Response.Body.Span);
                    });
                (await SubmitAsync(FederationTestNetwork.UrlOf(network.Nodes[0].Host).AbsoluteUri)).ShouldContain(
                    "now in the directory"
                );
                (await SubmitAsync("http://10.9.9.9:7000/")).ShouldContain("was not added");
                (await SubmitAsync("<script>")).ShouldNotContain("<script>");
                var page = await FederationTestNetwork.GetAsync(planter, at);
                Encoding
                    .UTF8.GetString(page.Body.Span)
                    .ShouldContain(FederationTestNetwork.UrlOf(network.Nodes[0].Host).AbsoluteUri);
                (await FederationTestNetwork.GetAsync(planter, new Uri(at, "metrics"))).Status.ShouldBe(200);
                (await FederationTestNetwork.GetAsync(planter, new Uri(at, "healthz"))).Status.ShouldBe(200);
            }
        );
}
