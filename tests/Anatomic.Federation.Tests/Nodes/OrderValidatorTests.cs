using Anatomic.Federation.Nodes;
using Anatomic.Federation.Orders;
using Anatomic.Wire;
using Anatomic.Wire.Network;

namespace Anatomic.Federation.Tests.Nodes;

public sealed class OrderValidatorTests
{
    private static readonly Endpoint From = Endpoint.FromV4(0x0A000001, 5000);
    private readonly PlantLedger ledger = new(1, seed: 1);

    private static NodeOptions Options(NetworkOptions? network = null) =>
        new()
        {
            Network = network ?? Sample.Local,
            HttpPort = 1,
            Key = new byte[32],
        };

    private OrderResult Validate(
        Signed<PlantOrder> order,
        NodeOptions? options = null,
        string? token = null,
        Signed<Carry>? carry = null,
        int workDemanded = 8
    )
    {
        options ??= Options();
        var name = options.Network.Name;
        Signed.TryReadUnverified<PlantOrder>(order.Envelope, name, out var received, out _).ShouldBeTrue();
        var incoming = new IncomingOrder(received!, carry?.Envelope, From, token);
        var validator = new OrderValidator(options, Sample.Id(1), Sample.Reader(options.Network), ledger);
        return validator.Validate(incoming, workDemanded, Sample.Now);
    }

    private PlantEntry Put(Signed<PlantOrder> order, ManifestOp op, NotHeldReason reason = NotHeldReason.Unknown) =>
        ledger.Put(PlantEntry.Of(order, op, now: 1) with { Reason = reason });

    [Fact]
    public void A_valid_order_is_accepted()
    {
        var result = Validate(Sample.Order([1, 2]));

        result.Status.ShouldBe(200, result.Message);
        result.IsNew.ShouldBeTrue();
    }

    [Fact]
    public void An_order_that_is_held_already_is_not_new()
    {
        var order = Sample.Order([1, 2]);
        Put(order, ManifestOp.Planted);

        var result = Validate(order);

        (result.Status, result.IsNew).ShouldBe((200, false));
    }

    [Fact]
    public void An_order_for_other_nodes_is_rejected() => Validate(Sample.Order([2, 3])).Status.ShouldBe(409);

    [Fact]
    public void An_order_older_than_a_known_one_is_rejected_with_that_one()
    {
        var newer = Put(Sample.Order([1], at: Sample.Now), ManifestOp.Planted);

        var result = Validate(Sample.Order([1], at: Sample.Now.AddMinutes(-1)));

        result.Status.ShouldBe(409);
        result.Known.ShouldBe(newer);
    }

    [Fact]
    public void An_ended_order_and_older_ones_are_rejected()
    {
        var ended = Sample.Order([1]);
        Put(ended, ManifestOp.Unplanted, NotHeldReason.Unplanted);

        Validate(ended).Status.ShouldBe(409);
        Validate(Sample.Order([1], at: Sample.Now.AddMinutes(-1))).Status.ShouldBe(409);
        Validate(Sample.Order([1], at: Sample.Now.AddMinutes(1))).Status.ShouldBe(200);
    }

    [Fact]
    public void A_dropped_order_may_be_planted_again()
    {
        var order = Sample.Order([1]);
        Put(order, ManifestOp.Dropped, NotHeldReason.Dropped);

        Validate(order).IsNew.ShouldBeTrue();
    }

    [Fact]
    public void An_order_older_than_a_day_needs_a_carry()
    {
        var order = Sample.Order([1, 2], at: Sample.Now.AddDays(-30));
        var carry = Sample.Signer(2).Sign(new Carry(order.Digest, Sample.Id(1), Sample.Now.ToUnixTimeMilliseconds()));

        Validate(order).Status.ShouldBe(422);
        Validate(order, carry: carry).Status.ShouldBe(200);
    }

    [Theory]
    [InlineData(3, 1)] // The carrier is not a candidate.
    [InlineData(2, 2)] // The carry is for another node.
    public void A_carry_counts_only_from_a_candidate_and_to_this_node(byte carrier, byte to)
    {
        var order = Sample.Order([1, 2], at: Sample.Now.AddDays(-30));
        var at = Sample.Now.ToUnixTimeMilliseconds();
        var carry = Sample.Signer(carrier).Sign(new Carry(order.Digest, Sample.Id(to), at));

        Validate(order, carry: carry).Status.ShouldBe(422);
    }

    [Fact]
    public void A_time_ahead_is_rejected_with_the_skew()
    {
        var result = Validate(Sample.Order([1], at: Sample.Now.AddMinutes(10)));

        result.Status.ShouldBe(422);
        result.Message.ShouldContain("600 seconds");
    }

    [Fact]
    public void An_order_with_too_little_work_is_rejected_with_the_requirement()
    {
        var order = Sample.Order([1], network: Sample.Main);

        var result = Validate(order, Options(Sample.Main), workDemanded: 40);

        result.Status.ShouldBe(422);
        result.Message.ShouldContain("40");
    }

    [Fact]
    public void An_order_of_another_network_is_rejected() =>
        Validate(Sample.Order([1], network: Sample.Main)).Status.ShouldBe(422);

    [Fact]
    public void An_order_that_the_operator_does_not_permit_is_forbidden()
    {
        var order = Sample.Order([1]);

        Validate(order, Options() with { IsDenied = swarm => swarm == Sample.Swarm }).Status.ShouldBe(403);
        Validate(order, Options() with { IsAllowed = _ => false }).Status.ShouldBe(403);
        Validate(order, Options() with { Tokens = ["secret"] }).Status.ShouldBe(403);
        Validate(order, Options() with { Tokens = ["secret"] }, "secret").Status.ShouldBe(200);
    }

    [Fact]
    public void A_full_node_rejects_more_orders() =>
        Validate(Sample.Order([1]), Options() with { MaxPlants = 0 }).Status.ShouldBe(429);
}
