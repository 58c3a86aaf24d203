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

    private OrderResult Judge(PlantSubmission offer, NodeOptions? options = null, string? token = null) =>
        new OrderValidator(options ?? Options(), Sample.Id(1), Sample.Reader(options?.Network), ledger).Judge(
            offer,
            From,
            token,
            8,
            Sample.Now
        );

    private PlantEntry Put(Signed<PlantOrder> order, ManifestOp op, NotHeldReason reason = NotHeldReason.Unknown) =>
        ledger.Put(PlantEntry.Of(order, op, now: 1) with { Reason = reason });

    [Fact]
    public void A_good_order_is_taken()
    {
        var verdict = Judge(new PlantSubmission(Sample.Order([1, 2]).Envelope));

        verdict.Status.ShouldBe(200, verdict.Line);
        verdict.IsNew.ShouldBeTrue();
    }

    [Fact]
    public void An_order_that_is_held_already_is_no_news()
    {
        var order = Sample.Order([1, 2]);
        Put(order, ManifestOp.Planted);

        var verdict = Judge(new PlantSubmission(order.Envelope));

        (verdict.Status, verdict.IsNew).ShouldBe((200, false));
    }

    [Fact]
    public void An_order_for_others_is_refused() =>
        Judge(new PlantSubmission(Sample.Order([2, 3]).Envelope)).Status.ShouldBe(409);

    [Fact]
    public void An_order_older_than_one_that_is_known_is_refused_with_it()
    {
        var newer = Put(Sample.Order([1], at: Sample.Now), ManifestOp.Planted);

        var verdict = Judge(new PlantSubmission(Sample.Order([1], at: Sample.Now.AddMinutes(-1)).Envelope));

        verdict.Status.ShouldBe(409);
        verdict.Known.ShouldBe(newer);
    }

    [Fact]
    public void An_ended_order_is_refused_and_so_are_older_ones()
    {
        var ended = Sample.Order([1]);
        Put(ended, ManifestOp.Unplanted, NotHeldReason.Unplanted);

        Judge(new PlantSubmission(ended.Envelope)).Status.ShouldBe(409);
        Judge(new PlantSubmission(Sample.Order([1], at: Sample.Now.AddMinutes(-1)).Envelope)).Status.ShouldBe(409);
        Judge(new PlantSubmission(Sample.Order([1], at: Sample.Now.AddMinutes(1)).Envelope)).Status.ShouldBe(200);
    }

    [Fact]
    public void A_dropped_order_may_come_again()
    {
        var order = Sample.Order([1]);
        Put(order, ManifestOp.Dropped, NotHeldReason.Dropped);

        Judge(new PlantSubmission(order.Envelope)).IsNew.ShouldBeTrue();
    }

    [Fact]
    public void An_order_older_than_a_day_needs_a_carry()
    {
        var order = Sample.Order([1, 2], at: Sample.Now.AddDays(-30));
        var carry = Sample.Signer(2).Sign(new Carry(order.Digest, Sample.Id(1), Sample.Now.ToUnixTimeMilliseconds()));

        Judge(new PlantSubmission(order.Envelope)).Status.ShouldBe(422);
        Judge(new PlantSubmission(order.Envelope, carry.Envelope)).Status.ShouldBe(200);
    }

    [Theory]
    [InlineData(3, 1)] // The carrier is no candidate.
    [InlineData(2, 2)] // It is carried to another.
    public void A_carry_counts_only_from_a_candidate_and_to_this_node(byte carrier, byte to)
    {
        var order = Sample.Order([1, 2], at: Sample.Now.AddDays(-30));
        var at = Sample.Now.ToUnixTimeMilliseconds();
        var carry = Sample.Signer(carrier).Sign(new Carry(order.Digest, Sample.Id(to), at));

        Judge(new PlantSubmission(order.Envelope, carry.Envelope)).Status.ShouldBe(422);
    }

    [Fact]
    public void A_time_ahead_is_refused_with_the_skew()
    {
        var verdict = Judge(new PlantSubmission(Sample.Order([1], at: Sample.Now.AddMinutes(10)).Envelope));

        verdict.Status.ShouldBe(422);
        verdict.Line.ShouldContain("600 seconds");
    }

    [Fact]
    public void An_order_with_too_little_work_is_refused_with_both_numbers()
    {
        var options = Options(Sample.Main);
        var offer = new PlantSubmission(Sample.Order([1], network: Sample.Main).Envelope);

        var verdict = new OrderValidator(options, Sample.Id(1), Sample.Reader(Sample.Main), ledger).Judge(
            offer,
            From,
            null,
            40,
            Sample.Now
        );

        verdict.Status.ShouldBe(422);
        verdict.Line.ShouldContain("40");
    }

    [Fact]
    public void An_order_of_another_network_is_refused() =>
        Judge(new PlantSubmission(Sample.Order([1], network: Sample.Main).Envelope)).Status.ShouldBe(422);

    [Fact]
    public void What_the_operator_refuses_is_forbidden()
    {
        var offer = new PlantSubmission(Sample.Order([1]).Envelope);

        Judge(offer, Options() with { IsDenied = swarm => swarm == Sample.Swarm }).Status.ShouldBe(403);
        Judge(offer, Options() with { IsAllowed = _ => false }).Status.ShouldBe(403);
        Judge(offer, Options() with { Tokens = ["secret"] }).Status.ShouldBe(403);
        Judge(offer, Options() with { Tokens = ["secret"] }, "secret").Status.ShouldBe(200);
    }

    [Fact]
    public void A_full_node_says_so() =>
        Judge(new PlantSubmission(Sample.Order([1]).Envelope), Options() with { MaxPlants = 0 }).Status.ShouldBe(429);
}
