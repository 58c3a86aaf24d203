using Anatomic.Engine.Trackers;
using Anatomic.Wire;
using Anatomic.Wire.Trackers;

namespace Anatomic.Engine.Tests.Trackers;

public class AnnounceMergeTests
{
    private static readonly AnnounceOutcome Silent = AnnounceOutcome.Unreachable("silent");
    private static readonly AnnounceOutcome Rejected = new() { Response = new() { FailureReason = "rejected" } };

    private static AnnounceOutcome Answer(int seconds, uint peer) =>
        new()
        {
            Response = new AnnounceResponse
            {
                Interval = TimeSpan.FromSeconds(seconds),
                Complete = seconds,
                Peers = [Endpoint.FromV4(peer, 1)],
            },
        };

    [Fact]
    public void A_family_that_fails_does_not_fail_the_tracker()
    {
        var good = Answer(60, 1);
        AnnounceMerge.Merge([Silent, good]).ShouldBe(good);
        AnnounceMerge.Merge([good, Silent]).ShouldBe(good);
        AnnounceMerge.Merge([Rejected, good]).ShouldBe(good);
        AnnounceMerge.Merge([Silent, Rejected]).ShouldBe(Rejected);
        AnnounceMerge.Merge([Silent, Silent]).ShouldBe(Silent);
    }

    [Fact]
    public void The_peers_of_both_families_are_used_and_the_longer_interval_counts()
    {
        var merged = AnnounceMerge.Merge([Answer(60, 1), Answer(90, 2)]).Response.ShouldNotBeNull();
        merged.Peers.ShouldBe([Endpoint.FromV4(1, 1), Endpoint.FromV4(2, 1)]);
        merged.Interval.ShouldBe(TimeSpan.FromSeconds(90));
        merged.Complete.ShouldBe(90);
    }
}
