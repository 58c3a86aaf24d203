using Anatomic.Engine.Trackers;
using Anatomic.Testing;

namespace Anatomic.Engine.Tests.Trackers;

public class TrackerListTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;

    private static TrackerList Plan(params string[][] tiers) => new(tiers, new SeededEntropy(1));

    [Fact]
    public void Tiers_are_asked_in_order_and_the_next_at_once_when_one_fails()
    {
        var plan = Plan(["a"], ["b"], ["c"]);
        foreach (var url in new[] { "a", "b", "c" })
        {
            var due = plan.Due(Start).ShouldNotBeNull();
            due.Url.ShouldBe(url);
            plan.HasNone.ShouldBeFalse();
            plan.Failed(due, Start, "not planted", retryIn: null);
        }
        plan.Due(Start).ShouldBeNull();
        plan.HasNone.ShouldBeTrue();
    }

    [Fact]
    public void One_answer_ends_the_round_until_its_interval_is_over()
    {
        var plan = Plan(["a"], ["b"]);
        plan.Succeeded(plan.Due(Start)!, Start, TimeSpan.FromMinutes(20), least: null);
        plan.Due(Start.AddMinutes(19)).ShouldBeNull();
        plan.Due(Start.AddMinutes(20))!.Url.ShouldBe("a");
    }

    [Fact]
    public void A_tracker_that_answers_moves_to_the_front_of_its_tier()
    {
        var plan = Plan(["a", "b", "c"]);
        var first = plan.Due(Start)!;
        plan.Failed(first, Start, "out of order", retryIn: null);
        var second = plan.Due(Start)!;
        plan.Succeeded(second, Start, null, null);
        plan.Entries[0].ShouldBe(second);
    }

    [Fact]
    public void An_earlier_tier_is_tried_again_when_its_pause_is_over()
    {
        var plan = Plan(["a"], ["b"]);
        plan.Failed(plan.Due(Start)!, Start, "out of order", retryIn: null);
        plan.Succeeded(plan.Due(Start)!, Start, TimeSpan.FromMinutes(10), null);
        plan.Due(Start.AddMinutes(10))!.Url.ShouldBe("a");
    }

    [Fact]
    public void Pauses_double_up_to_half_an_hour()
    {
        var plan = Plan(["a"]);
        var now = Start;
        foreach (var seconds in new[] { 15, 30, 60, 120, 240, 480, 960, 1800, 1800 })
        {
            plan.Failed(plan.Due(now).ShouldNotBeNull(), now, "out of order", retryIn: null);
            plan.Due(now.AddSeconds(seconds - 1)).ShouldBeNull();
            now = now.AddSeconds(seconds);
        }
    }

    [Fact]
    public void A_tracker_that_names_a_time_is_not_asked_before()
    {
        var plan = Plan(["a"]);
        plan.Failed(plan.Due(Start)!, Start, "full", retryIn: TimeSpan.FromMinutes(5));
        plan.Due(Start.AddMinutes(4)).ShouldBeNull();
        plan.Due(Start.AddMinutes(5)).ShouldNotBeNull();
    }

    [Fact]
    public void What_a_finder_brings_comes_behind_all_tiers()
    {
        var plan = Plan(["a"]);
        plan.Failed(plan.Due(Start)!, Start, "not planted", retryIn: null);
        plan.AddFound(["a", "z"]);
        var due = plan.Due(Start).ShouldNotBeNull();
        (due.Url, due.Tier).ShouldBe(("z", -1));
        plan.Entries.Count.ShouldBe(2);
    }

    [Fact]
    public void Hurry_respects_the_least_interval_unless_the_download_is_complete()
    {
        var plan = Plan(["a"]);
        plan.Succeeded(plan.Due(Start)!, Start, TimeSpan.FromHours(1), TimeSpan.FromMinutes(5));
        plan.Hurry(Start.AddMinutes(1), evenEarly: false);
        plan.Due(Start.AddMinutes(4)).ShouldBeNull();
        plan.Due(Start.AddMinutes(5)).ShouldNotBeNull();
        plan.Hurry(Start.AddMinutes(1), evenEarly: true);
        plan.Due(Start.AddMinutes(1)).ShouldNotBeNull();
    }
}
