using Anatomic.Engine.Peers;

namespace Anatomic.Engine.Tests.Peers;

public class PeerCostTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;

    [Fact]
    public void Requests_for_whole_blocks_pay_for_themselves()
    {
        var cost = new PeerCost(Start);
        var moved = 0L;
        for (var i = 0; i < 1_000_000; i++)
        {
            cost.Charge(CostKind.Request, 5);
            moved += 16 * 1024;
            cost.Refill(Start, moved);
        }
        cost.IsExhausted.ShouldBeFalse();
    }

    [Fact]
    public void Requests_for_single_bytes_exhaust_the_credit()
    {
        var cost = new PeerCost(Start);
        var requests = 0;
        while (!cost.IsExhausted)
        {
            cost.Charge(CostKind.Request, MessageCosts.TinyRequest);
            cost.Charge(CostKind.DiskRead, MessageCosts.DiskRead);
            cost.Refill(Start, ++requests);
        }
        requests.ShouldBeLessThan(300);
        cost.Reason.ShouldBe("the peer costs more than it transfers, mostly by requests");
    }

    [Fact]
    public void Credit_returns_with_time_up_to_the_maximum()
    {
        var cost = new PeerCost(Start);
        cost.Charge(CostKind.Message, EngineLimits.MaxPeerCredit);
        cost.Refill(Start + TimeSpan.FromSeconds(1), 0);
        cost.Credit.ShouldBe(EngineLimits.PeerCreditPerSecond, 1);
        cost.Refill(Start + TimeSpan.FromDays(1), 0);
        cost.Credit.ShouldBe(EngineLimits.MaxPeerCredit);
    }

    [Fact]
    public void A_clock_that_goes_back_takes_no_credit()
    {
        var cost = new PeerCost(Start);
        cost.Charge(CostKind.Message, 1000);
        cost.Refill(Start - TimeSpan.FromDays(1), 0);
        cost.Credit.ShouldBe(EngineLimits.MaxPeerCredit - 1000);
    }
}
