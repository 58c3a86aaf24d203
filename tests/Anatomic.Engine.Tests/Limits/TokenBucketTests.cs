using Anatomic.Engine.Limits;

namespace Anatomic.Engine.Tests.Limits;

public class TokenBucketTests
{
    private const long Second = TimeSpan.TicksPerSecond;
    private const long Start = 1000 * Second;

    [Fact]
    public void Those_that_reserve_are_served_in_turns()
    {
        var bucket = new TokenBucket();
        bucket.SetRate(1000, Start);
        bucket.Reserve(250, Start).ShouldBe(0);
        bucket.Reserve(1000, Start).ShouldBe(Second);
        bucket.Reserve(1000, Start).ShouldBe(2 * Second);
        bucket.Reserve(1000, Start + (2 * Second)).ShouldBe(Second);
    }

    [Fact]
    public void Unused_time_is_kept_for_a_quarter_of_a_second()
    {
        var bucket = new TokenBucket();
        bucket.SetRate(1000, Start);
        bucket.Reserve(1250, Start + (100 * Second)).ShouldBe(Second);
    }

    [Fact]
    public void A_refund_lets_the_next_one_start_earlier()
    {
        var bucket = new TokenBucket();
        bucket.SetRate(1000, Start);
        bucket.Reserve(1250, Start);
        bucket.Refund(1000);
        bucket.Reserve(1000, Start).ShouldBe(Second);
    }

    [Fact]
    public void A_new_rate_holds_for_what_waits()
    {
        var bucket = new TokenBucket();
        bucket.SetRate(1000, Start);
        bucket.Reserve(2250, Start).ShouldBe(2 * Second);
        bucket.SetRate(2000, Start);
        bucket.Reserve(2000, Start).ShouldBe(2 * Second);
        bucket.SetRate(0, Start);
        bucket.Reserve(1 << 30, Start).ShouldBe(0);
    }

    [Fact]
    public void A_low_rate_is_granted_in_small_parts()
    {
        var bucket = new TokenBucket();
        bucket.Quantum.ShouldBe(int.MaxValue);
        bucket.SetRate(100_000, Start);
        bucket.Quantum.ShouldBe(3125);
        bucket.SetRate(1, Start);
        bucket.Quantum.ShouldBe(1024);
    }
}
