using System.Text;
using Anatomic.Federation.Signing;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Simulation.Tests.Federation;

/// <summary>
/// Hostile requests of a stranger to a node: each gets a status and one clear line, and does not change the node.
/// </summary>
public class HostileRequestTests
{
    private static readonly CancellationToken Never = CancellationToken.None;
    private static readonly Hash20 Held = new(1, 2, 3);
    private static readonly Hash20 Other = new(4, 5, 6);
    private static readonly byte[] Stranger = [.. new byte[31], 77];

    private sealed record Hostile(string Name, string Request, byte[] Body, int Status, string Message);

    [Fact]
    public void Every_hostile_request_gets_a_status_and_one_clear_line_and_changes_nothing() =>
        SimulationRun.Execute(
            1,
            async simulator =>
            {
                var nodes = new TestNodes(simulator);
                await nodes.AddAsync();
                await nodes.AddAsync();
                var sender = simulator.AddHost("sender", "10.9.9.9");
                await sender.RunAsync(async world =>
                {
                    var node = nodes.All[0];
                    var now = world.Clock.GetUtcNow();
                    var held = nodes.Order(world, Held, 1, now);
                    (await TestNodes.PostAsync(world, node, "plant", Offer(held))).Status.ShouldBe(200);
                    var batch = Batch(world, nodes, node.Service.Id, now, 1);
                    (await TestNodes.PostAsync(world, node, "peers", batch)).Status.ShouldBe(200);
                    var before = StateOf(node);
                    var all = Requests(world, now)
                        .Concat(Orders(world, nodes, held, now))
                        .Concat(Unplants(world, held, now))
                        .Concat(Batches(world, nodes, batch, now));
                    foreach (var hostile in all)
                    {
                        await CheckAsync(world, node, hostile);
                        StateOf(node).ShouldBe(before, hostile.Name);
                    }
                    var good = nodes.Order(world, Other, 1, now);
                    (await TestNodes.PostAsync(world, node, "plant", Offer(good))).Status.ShouldBe(200);
                    node.Service.Plants.ShouldBe(2);
                });
            }
        );

    private static async Task CheckAsync(IWorld world, TestNode node, Hostile hostile)
    {
        var parts = hostile.Request.Split(' ');
        var ask = new OutboundRequest
        {
            Method = parts[0],
            Url = new Uri($"http://{node.Address}:{TestNodes.Port}{parts[1]}"),
            Body = hostile.Body,
        };
        var reply = (await world.Http.SendAsync(ask, Never)).Response;
        var line = Encoding.UTF8.GetString(reply.Body.Span);
        reply.Status.ShouldBe(hostile.Status, $"{hostile.Name}: {line}");
        line.ShouldContain(hostile.Message, customMessage: hostile.Name);
        if (reply.Status is not (200 or 409))
        {
            line.TrimEnd('\n').Length.ShouldBeInRange(5, 250, hostile.Name);
            line.TrimEnd('\n').ShouldNotContain("\n", customMessage: hostile.Name);
        }
    }

    private static string StateOf(TestNode node)
    {
        var text = new StringBuilder($"{node.Service.Plants} {string.Join(',', node.Swarms.Admitted)} ");
        text.Append(string.Join(',', node.Swarms.SharedOf(Held)));
        foreach (var table in new[] { "plants", "state", "lost" })
        {
            foreach (var (key, value) in node.Host.Stores.Peek("plants", table))
            {
                text.Append(Convert.ToHexString(key)).Append('=').Append(Convert.ToHexString(value)).Append(' ');
            }
        }
        return text.ToString();
    }

    private static IEnumerable<Hostile> Requests(IWorld world, DateTimeOffset now)
    {
        foreach (var path in new[] { "plant", "unplant", "orders", "peers" })
        {
            yield return new($"{path}: nothing", $"POST /{path}", [], 422, "");
            yield return new($"{path}: no bencoding", $"POST /{path}", "hello"u8.ToArray(), 422, "");
            yield return new($"{path}: a number", $"POST /{path}", "i5e"u8.ToArray(), 422, "");
            yield return new($"{path}: cut off", $"POST /{path}", "d5:order"u8.ToArray(), 422, "");
            yield return new($"{path}: deep", $"POST /{path}", [.. Enumerable.Repeat((byte)'l', 100_000)], 422, "");
            yield return new($"{path}: 2 MiB", $"POST /{path}", new byte[2 << 20], 413, "long");
            yield return new($"{path}: GET", $"GET /{path}", [], 405, "POST");
        }
        yield return new("a wrong epoch", "GET /plants?epoch=x&since=0", [], 422, "epoch");
        yield return new("a negative number", "GET /plants?epoch=0&since=-1", [], 422, "since");
        yield return new("a huge number", "GET /plants?since=99999999999999999999", [], 422, "since");
        yield return new("a long nonce", $"GET /plants?nonce={new string('a', 66)}", [], 422, "nonce");
        yield return new("nothing there", "GET /etc/passwd", [], 404, "nothing here");
        yield return new("too many digests", "POST /orders", DigestsOf(513), 422, "512");
        yield return new("a short digest", "POST /orders", "l3:abce"u8.ToArray(), 422, "32 bytes");
        var record = new ItemSigner(world.Signatures.Open(Stranger), TestNodes.Network.Name).Sign(
            new Unplant(default, now.ToUnixTimeMilliseconds())
        );
        yield return new("an unplant as an order", "POST /plant", record.Raw.ToArray(), 422, "");
    }

    private static byte[] DigestsOf(int count) => new OrdersRequest([.. new Hash32[count]]).Write();

    private static IEnumerable<Hostile> Orders(
        IWorld world,
        TestNodes nodes,
        Signed<PlantOrder> held,
        DateTimeOffset now
    )
    {
        var good = nodes.Order(world, Other, 1, now);
        yield return new("a cut order", "POST /plant", good.Raw.ToArray()[..^9], 422, "");
        yield return new("a tail", "POST /plant", [.. good.Raw.ToArray(), (byte)'e'], 422, "");
        yield return new("a bad signature", "POST /plant", Forged(good.Envelope).Raw.ToArray(), 422, "signature");
        yield return new("another key", "POST /plant", Rekeyed(world, good.Envelope).Raw.ToArray(), 422, "");
        yield return new("tomorrow", "POST /plant", Offer(nodes.Order(world, Other, 1, now.AddHours(1))), 422, "ahead");
        yield return new(
            "the day before",
            "POST /plant",
            Offer(nodes.Order(world, Other, 1, now.AddHours(-25))),
            422,
            "older than a day"
        );
        yield return new("no work", "POST /plant", Offer(WithoutWork(world, good)), 422, "bits of work");
        var foreign = new ItemSigner(world.Signatures.Open(TestNodes.Planter), NetworkName.Main).Sign(good.Item);
        yield return new("another network", "POST /plant", Offer(foreign), 422, "");
        var elsewhere = good.Item with { Candidates = [new NodeId(new Hash32(1, 2, 3, 4))] };
        yield return new("no candidate", "POST /plant", Offer(SignedBy(world, elsewhere)), 409, "not a candidate");
        var stale = nodes.Order(world, Held, 1, now.AddMinutes(-1));
        yield return new("a stale order", "POST /plant", Offer(stale), 409, "newer order");
        var huge = good.Item with { Swarms = [Other], Candidates = [.. Many(100)] };
        yield return new("a hundred candidates", "POST /plant", Raw(world, huge.Write()), 422, "c ");
        yield return new("an order of 8 KiB", "POST /plant", Raw(world, Padded(8192)), 422, "");
        foreach (var carry in Carries(world, nodes, good, now))
        {
            yield return carry;
        }
    }

    private static IEnumerable<Hostile> Carries(
        IWorld world,
        TestNodes nodes,
        Signed<PlantOrder> order,
        DateTimeOffset now
    )
    {
        var at = now.ToUnixTimeMilliseconds();
        var self = nodes.All[0].Service.Id;
        var candidate = new ItemSigner(world.Signatures.Open(nodes.All[1].Key!), TestNodes.Network.Name);
        var stranger = new ItemSigner(world.Signatures.Open(Stranger), TestNodes.Network.Name);
        byte[] Carried(SignedItem carry) => new PlantSubmission(order.Envelope, carry).Write();
        var mine = candidate.Sign(new Carry(order.Digest, self, at)).Envelope;
        yield return new("a forged carry", "POST /plant", Carried(Forged(mine)), 422, "signature");
        var other = candidate.Sign(new Carry(order.Digest, nodes.All[1].Service.Id, at)).Envelope;
        yield return new("a carry to another", "POST /plant", Carried(other), 422, "another node");
        var foreign = stranger.Sign(new Carry(order.Digest, self, at)).Envelope;
        yield return new("a stranger's carry", "POST /plant", Carried(foreign), 422, "not another candidate");
        var old = candidate.Sign(new Carry(order.Digest, self, now.AddDays(-2).ToUnixTimeMilliseconds())).Envelope;
        yield return new("an old carry", "POST /plant", Carried(old), 422, "older than a day");
    }

    private static IEnumerable<Hostile> Unplants(IWorld world, Signed<PlantOrder> held, DateTimeOffset now)
    {
        var at = now.ToUnixTimeMilliseconds();
        var planter = new ItemSigner(world.Signatures.Open(TestNodes.Planter), TestNodes.Network.Name);
        var stranger = new ItemSigner(world.Signatures.Open(Stranger), TestNodes.Network.Name);
        byte[] Body(Signed<Unplant> unplant) => new UnplantSubmission(unplant.Envelope).Write();
        yield return new(
            "by another key",
            "POST /unplant",
            Body(stranger.Sign(new Unplant(held.Digest, at))),
            422,
            "not signed by the key of its order"
        );
        var own = planter.Sign(new Unplant(held.Digest, at));
        yield return new("forged", "POST /unplant", Forged(own.Envelope).Raw.ToArray(), 422, "signature");
        var unknown = planter.Sign(new Unplant(new Hash32(1, 1, 1, 1), at));
        yield return new("unknown order", "POST /unplant", Body(unknown), 404, "does not know");
        var wrong = new UnplantSubmission(unknown.Envelope, held.Envelope).Write();
        yield return new("another order along", "POST /unplant", wrong, 422, "not the one");
        var future = planter.Sign(new Unplant(held.Digest, now.AddHours(1).ToUnixTimeMilliseconds()));
        yield return new("from the future", "POST /unplant", Body(future), 422, "seconds ahead");
    }

    private static IEnumerable<Hostile> Batches(IWorld world, TestNodes nodes, byte[] accepted, DateTimeOffset now)
    {
        var self = nodes.All[0].Service.Id;
        yield return new("a replayed batch", "POST /peers", accepted, 409, "already received");
        var other = Batch(world, nodes, nodes.All[1].Service.Id, now, 2);
        yield return new("another node's batch", "POST /peers", other, 409, "for another node");
        var future = Batch(world, nodes, self, now.AddHours(1), 3);
        yield return new("a future batch", "POST /peers", future, 409, "seconds ahead");
        yield return new("an old batch", "POST /peers", Batch(world, nodes, self, now.AddHours(-1), 4), 409, "old");
        PeersRequest.TryRead(Batch(world, nodes, self, now, 5), out var post, out _).ShouldBeTrue();
        var forged = new PeersRequest(Forged(post!.Batch)).Write();
        yield return new("a forged batch", "POST /peers", forged, 422, "signature");
        var stranger = new ItemSigner(world.Signatures.Open(Stranger), TestNodes.Network.Name);
        var at = now.ToUnixTimeMilliseconds();
        var share = new PeerShare(default, Held, [new SwarmPeer(Endpoint.FromV4(0x0A010101, 6881), true)], [], default);
        var signed = stranger.Sign(
            new PeerBatch
            {
                To = self,
                Boot = 1,
                Seq = at,
                At = at,
                Shares = [share],
            }
        );
        yield return new("a stranger's batch", "POST /peers", new PeersRequest(signed.Envelope).Write(), 200, "3:not");
    }

    private static byte[] Batch(IWorld world, TestNodes nodes, NodeId to, DateTimeOffset at, int number)
    {
        var signer = new ItemSigner(world.Signatures.Open(nodes.All[1].Key!), TestNodes.Network.Name);
        var batch = new PeerBatch
        {
            To = to,
            Boot = 7,
            Seq = at.ToUnixTimeMilliseconds() + 1000 + number,
            At = at.ToUnixTimeMilliseconds(),
            Shares = [],
        };
        return new PeersRequest(signer.Sign(batch).Envelope).Write();
    }

    private static byte[] Offer(Signed<PlantOrder> order) => new PlantSubmission(order.Envelope).Write();

    private static Signed<PlantOrder> SignedBy(IWorld world, PlantOrder order) =>
        new ItemSigner(world.Signatures.Open(TestNodes.Planter), TestNodes.Network.Name).Sign(order);

    private static Signed<PlantOrder> WithoutWork(IWorld world, Signed<PlantOrder> order)
    {
        for (var nonce = 0UL; ; nonce++)
        {
            var tried = SignedBy(world, order.Item with { Nonce = nonce });
            if (Work.BitsOf(tried, TestNodes.Network.Name) < TestNodes.Network.WorkFloor)
            {
                return tried;
            }
        }
    }

    private static IEnumerable<NodeId> Many(int count) =>
        Enumerable.Range(1, count).Select(number => new NodeId(new Hash32((ulong)number, 0, 0, 0)));

    private static byte[] Padded(int bytes) =>
        Encoding.ASCII.GetBytes($"d2:ati1700000000000e1:z{bytes}:{new string('z', bytes)}e");

    private static byte[] Raw(IWorld world, byte[] value)
    {
        var signer = world.Signatures.Open(Stranger);
        var text = SignedItem.TextToSign(TestNodes.Network.Name, "plant", value);
        return SignedItem.Assemble(signer.PublicKey.Span, signer.Sign(text), value).Raw.ToArray();
    }

    private static SignedItem Forged(SignedItem item)
    {
        var signature = item.Signature.ToArray();
        signature[5] ^= 1;
        return SignedItem.Assemble(item.PublicKey.Span, signature, item.Value.Raw.Span);
    }

    private static SignedItem Rekeyed(IWorld world, SignedItem item) =>
        SignedItem.Assemble(world.Signatures.Open(Stranger).PublicKey.Span, item.Signature.Span, item.Value.Raw.Span);
}
