using Anatomic.Engine.Trackers;
using Anatomic.Testing;

namespace Anatomic.Engine.Tests.Trackers;

public class TrackerListTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;

    private static TrackerList List(params string[][] tiers) => new(tiers, new SeededEntropy(1));

    [Fact]
    public void Tiers_are_tried_in_order_and_the_next_at_once_when_one_fails()
    {
        var list = List(["a"], ["b"], ["c"]);
        foreach (var url in new[] { "a", "b", "c" })
        {
            var due = list.Due(Start).ShouldNotBeNull();
            due.Url.ShouldBe(url);
            list.AllFailed.ShouldBeFalse();
            list.Failed(due, Start, "not planted", retryIn: null);
        }
        list.Due(Start).ShouldBeNull();
        list.AllFailed.ShouldBeTrue();
    }

    [Fact]
    public void After_a_response_no_announce_is_due_until_its_interval_is_over()
    {
        var list = List(["a"], ["b"]);
        list.Succeeded(list.Due(Start)!, Start, TimeSpan.FromMinutes(20), minInterval: null);
        list.Due(Start.AddMinutes(19)).ShouldBeNull();
        list.Due(Start.AddMinutes(20))!.Url.ShouldBe("a");
    }

    [Fact]
    public void A_tracker_that_responds_moves_to_the_front_of_its_tier()
    {
        var list = List(["a", "b", "c"]);
        var first = list.Due(Start)!;
        list.Failed(first, Start, "out of order", retryIn: null);
        var second = list.Due(Start)!;
        list.Succeeded(second, Start, null, null);
        list.Entries[0].ShouldBe(second);
    }

    [Fact]
    public void An_earlier_tier_is_tried_again_when_its_pause_is_over()
    {
        var list = List(["a"], ["b"]);
        list.Failed(list.Due(Start)!, Start, "out of order", retryIn: null);
        list.Succeeded(list.Due(Start)!, Start, TimeSpan.FromMinutes(10), null);
        list.Due(Start.AddMinutes(10))!.Url.ShouldBe("a");
    }

    [Fact]
    public void Pauses_double_up_to_half_an_hour()
    {
        var list = List(["a"]);
        var now = Start;
        foreach (var seconds in new[] { 15, 30, 60, 120, 240, 480, 960, 1800, 1800 })
        {
            list.Failed(list.Due(now).ShouldNotBeNull(), now, "out of order", retryIn: null);
            list.Due(now.AddSeconds(seconds - 1)).ShouldBeNull();
            now = now.AddSeconds(seconds);
        }
    }

    [Fact]
    public void A_tracker_is_not_tried_before_the_time_it_requested()
    {
        var list = List(["a"]);
        list.Failed(list.Due(Start)!, Start, "full", retryIn: TimeSpan.FromMinutes(5));
        list.Due(Start.AddMinutes(4)).ShouldBeNull();
        list.Due(Start.AddMinutes(5)).ShouldNotBeNull();
    }

    [Fact]
    public void Trackers_from_the_tracker_source_come_after_all_tiers()
    {
        var list = List(["a"]);
        list.Failed(list.Due(Start)!, Start, "not planted", retryIn: null);
        list.AddDiscovered(["a", "z"]);
        var due = list.Due(Start).ShouldNotBeNull();
        (due.Url, due.Tier).ShouldBe(("z", -1));
        list.Entries.Count.ShouldBe(2);
    }

    [Fact]
    public void An_early_announce_respects_the_minimum_interval_unless_the_download_is_complete()
    {
        var list = List(["a"]);
        list.Succeeded(list.Due(Start)!, Start, TimeSpan.FromHours(1), TimeSpan.FromMinutes(5));
        list.AnnounceSoon(Start.AddMinutes(1), ignoreMinInterval: false);
        list.Due(Start.AddMinutes(4)).ShouldBeNull();
        list.Due(Start.AddMinutes(5)).ShouldNotBeNull();
        list.AnnounceSoon(Start.AddMinutes(1), ignoreMinInterval: true);
        list.Due(Start.AddMinutes(1)).ShouldNotBeNull();
    }
}
