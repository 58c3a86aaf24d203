using Anatomic.Engine.Trackers;
using Anatomic.Testing;
using Anatomic.Wire;
using Anatomic.Wire.Trackers;

namespace Anatomic.Engine.Tests.Trackers;

/// <summary>The table of docs/protocol/announcing.md, and the order of trackers.</summary>
public class AnnounceScheduleTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;
    private static readonly AnnounceTotals Leecher = new(0, 0, Left: 100, IsPartialSeed: false);
    private static readonly AnnounceTotals Seed = new(0, 0, Left: 0, IsPartialSeed: false);
    private static readonly AnnounceTotals PartialSeed = new(0, 0, Left: 50, IsPartialSeed: true);

    private static AnnounceSchedule Schedule(params string[][] tiers)
    {
        var schedule = new AnnounceSchedule(default);
        schedule.Replace(tiers, new SeededEntropy(1));
        return schedule;
    }

    private static AnnounceRequest Request(AnnounceEvent reason = AnnounceEvent.None, long left = 100) =>
        new()
        {
            Swarm = default,
            PeerId = default,
            Port = 1,
            LeftBytes = left,
            Event = reason,
        };

    private static void Answer(AnnounceSchedule schedule, DateTimeOffset now, int interval, int? min = null) =>
        schedule.Succeeded(
            schedule.Due(now, peersMissing: false).ShouldNotBeNull(),
            now,
            Request(),
            new AnnounceResponse
            {
                Interval = TimeSpan.FromSeconds(interval),
                MinInterval = min is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            }
        );

    private static void Reject(AnnounceSchedule schedule, DateTimeOffset now, AnnounceResponse response) =>
        schedule.Failed(
            schedule.Due(now, peersMissing: false).ShouldNotBeNull(),
            now,
            new AnnounceOutcome { Response = response with { FailureReason = "rejected" } }
        );

    private static void NoResponse(AnnounceSchedule schedule, DateTimeOffset now, TimeSpan? retryAfter = null) =>
        schedule.Failed(
            schedule.Due(now, peersMissing: false).ShouldNotBeNull(),
            now,
            new AnnounceOutcome { Failure = "silent", RetryAfter = retryAfter }
        );

    /// <summary>Seconds from the start to the next announce; null: never.</summary>
    private static double? Next(AnnounceSchedule schedule, bool peersMissing = false)
    {
        var next = schedule.NextDue(peersMissing);
        if (next is { } due)
        {
            schedule.Due(due.AddTicks(-1), peersMissing).ShouldBeNull();
            schedule.Due(due, peersMissing).ShouldNotBeNull();
        }
        return (next - Start)?.TotalSeconds;
    }

    [Theory]
    [InlineData(1800, null, 1800, 1800)]
    [InlineData(1800, 300, 1800, 300)]
    [InlineData(1800, 5, 1800, 15)]
    [InlineData(60, 120, 120, 120)]
    [InlineData(3, null, 15, 15)]
    [InlineData(1_000_000, null, 86_400, 86_400)]
    public void A_tracker_is_asked_no_earlier_than_it_permits(int interval, int? min, int next, int nextWithoutPeers)
    {
        var schedule = Schedule(["a"]);
        Answer(schedule, Start, interval, min);
        Next(schedule).ShouldBe(next);
        Next(schedule, peersMissing: true).ShouldBe(nextWithoutPeers);
    }

    [Fact]
    public void A_response_without_an_interval_counts_as_half_an_hour_also_without_peers()
    {
        var schedule = Schedule(["a"]);
        schedule.Succeeded(schedule.Due(Start, false)!, Start, Request(), new AnnounceResponse());
        Next(schedule, peersMissing: true).ShouldBe(1800);
    }

    [Fact]
    public void The_first_announce_to_each_tracker_is_started_and_the_next_has_no_event()
    {
        var schedule = Schedule(["a"], ["b"]);
        schedule.EventFor(schedule.Entries[0], Leecher).ShouldBe(AnnounceEvent.Started);
        Answer(schedule, Start, 60);
        schedule.EventFor(schedule.Entries[0], Leecher).ShouldBe(AnnounceEvent.None);
        schedule.EventFor(schedule.Entries[1], Leecher).ShouldBe(AnnounceEvent.Started);
    }

    [Fact]
    public void A_completion_is_announced_at_once_and_once()
    {
        var schedule = Schedule(["a"]);
        Answer(schedule, Start, 1800, 900);
        schedule.Finished(Start.AddSeconds(10));
        Next(schedule).ShouldBe(10);
        var entry = schedule.Entries[0];
        schedule.EventFor(entry, Seed).ShouldBe(AnnounceEvent.Completed);
        schedule.EventBeforeStop(entry, Seed).ShouldBe(AnnounceEvent.Completed);
        var response = new AnnounceResponse { Interval = TimeSpan.FromSeconds(1800) };
        schedule.Succeeded(entry, Start.AddSeconds(10), Request(AnnounceEvent.Completed, left: 0), response);
        schedule.EventFor(entry, Seed).ShouldBe(AnnounceEvent.None);
        schedule.EventBeforeStop(entry, Seed).ShouldBeNull();
        Next(schedule).ShouldBe(1810);
    }

    [Fact]
    public void A_completion_during_an_announce_is_announced_next()
    {
        var schedule = Schedule(["a"]);
        var entry = schedule.Due(Start, false)!;
        schedule.Finished(Start);
        schedule.Succeeded(entry, Start, Request(AnnounceEvent.Started), new AnnounceResponse());
        schedule.Due(Start, false).ShouldBe(entry);
        schedule.EventFor(entry, Seed).ShouldBe(AnnounceEvent.Completed);
    }

    [Fact]
    public void A_tracker_that_saw_us_start_as_a_seed_counts_no_completion()
    {
        var schedule = Schedule(["a"]);
        schedule.Finished(Start);
        schedule.EventFor(schedule.Entries[0], Seed).ShouldBe(AnnounceEvent.Started);
        schedule.Succeeded(schedule.Entries[0], Start, Request(AnnounceEvent.Started, left: 0), new AnnounceResponse());
        schedule.EventFor(schedule.Entries[0], Seed).ShouldBe(AnnounceEvent.None);
    }

    [Fact]
    public void A_torrent_that_starts_complete_is_never_announced_as_completed()
    {
        var schedule = Schedule(["a"]);
        Answer(schedule, Start, 60);
        schedule.EventFor(schedule.Entries[0], Seed).ShouldBe(AnnounceEvent.None);
        schedule.EventBeforeStop(schedule.Entries[0], Seed).ShouldBeNull();
    }

    [Fact]
    public void A_partial_seed_announces_paused_at_once_and_then_always()
    {
        var schedule = Schedule(["a"], ["b"]);
        Answer(schedule, Start, 1800);
        schedule.Finished(Start.AddSeconds(10));
        Next(schedule).ShouldBe(10);
        var entry = schedule.Entries[0];
        schedule.EventFor(entry, PartialSeed).ShouldBe(AnnounceEvent.Paused);
        schedule.EventBeforeStop(entry, PartialSeed).ShouldBeNull();
        schedule.Succeeded(entry, Start.AddSeconds(10), Request(AnnounceEvent.Paused), new AnnounceResponse());
        Next(schedule).ShouldBe(1810);
        schedule.EventFor(entry, PartialSeed).ShouldBe(AnnounceEvent.Paused);
        schedule.EventFor(schedule.Entries[1], PartialSeed).ShouldBe(AnnounceEvent.Paused);
    }

    [Fact]
    public void Pauses_without_a_response_double_from_15_seconds_to_half_an_hour()
    {
        var schedule = Schedule(["a"]);
        var now = Start;
        foreach (var seconds in new[] { 15, 30, 60, 120, 240, 480, 960, 1800, 1800 })
        {
            NoResponse(schedule, now);
            now = now.AddSeconds(seconds);
            schedule.NextDue(false).ShouldBe(now);
        }
    }

    [Fact]
    public void Pauses_after_rejections_double_from_a_minute_to_half_an_hour()
    {
        var schedule = Schedule(["a"]);
        var now = Start;
        foreach (var seconds in new[] { 60, 120, 240, 480, 960, 1800, 1800 })
        {
            Reject(schedule, now, new AnnounceResponse());
            now = now.AddSeconds(seconds);
            schedule.NextDue(false).ShouldBe(now);
        }
    }

    [Theory]
    [InlineData(null, 300, null, 300)]
    [InlineData(1800, null, null, 1800)]
    [InlineData(1800, 300, null, 1800)]
    [InlineData(300, 1800, null, 1800)]
    [InlineData(null, null, 20, 60)]
    [InlineData(null, null, 600, 600)]
    [InlineData(120, null, 600, 600)]
    public void A_rejection_names_its_time(int? interval, int? retryIn, int? min, int next)
    {
        var schedule = Schedule(["a"]);
        Reject(
            schedule,
            Start,
            new AnnounceResponse
            {
                Interval = Seconds(interval),
                RetryIn = Seconds(retryIn),
                MinInterval = Seconds(min),
            }
        );
        Next(schedule).ShouldBe(next);
        Next(schedule, peersMissing: true).ShouldBe(next);
    }

    [Fact]
    public void Retry_after_is_kept_and_the_user_cannot_shorten_it_without_force()
    {
        var schedule = Schedule(["a"]);
        NoResponse(schedule, Start, TimeSpan.FromMinutes(10));
        Next(schedule).ShouldBe(600);
        schedule.AnnounceNow(Start.AddSeconds(5), force: false);
        Next(schedule).ShouldBe(600);
        schedule.AnnounceNow(Start.AddSeconds(5), force: true);
        Next(schedule).ShouldBe(5);
    }

    [Fact]
    public void A_tracker_that_wants_no_further_announce_gets_none_until_the_user_forces_it()
    {
        var schedule = Schedule(["a"]);
        Reject(schedule, Start, new AnnounceResponse { NeverRetry = true });
        Next(schedule).ShouldBeNull();
        schedule.AllFailed.ShouldBeTrue();
        schedule.AnnounceNow(Start.AddDays(9), force: false);
        Next(schedule).ShouldBeNull();
        schedule.AnnounceNow(Start.AddDays(9), force: true);
        Next(schedule).ShouldNotBeNull();
    }

    [Fact]
    public void The_user_can_announce_again_when_the_minimum_interval_is_over()
    {
        var schedule = Schedule(["a"]);
        Answer(schedule, Start, 1800, 300);
        schedule.AnnounceNow(Start.AddSeconds(20), force: false);
        Next(schedule).ShouldBe(300);
        schedule.AnnounceNow(Start.AddSeconds(20), force: true);
        Next(schedule).ShouldBe(20);
    }

    [Fact]
    public void The_user_ends_our_own_pauses()
    {
        var schedule = Schedule(["a"]);
        NoResponse(schedule, Start);
        schedule.AnnounceNow(Start.AddSeconds(2), force: false);
        Next(schedule).ShouldBe(2);
    }

    [Fact]
    public void Tiers_are_tried_in_order_and_the_next_at_once_when_one_fails()
    {
        var schedule = Schedule(["a"], ["b"], ["c"]);
        foreach (var url in new[] { "a", "b", "c" })
        {
            schedule.Due(Start, false).ShouldNotBeNull().Url.ShouldBe(url);
            schedule.AllFailed.ShouldBeFalse();
            NoResponse(schedule, Start);
        }
        schedule.Due(Start, false).ShouldBeNull();
        schedule.AllFailed.ShouldBeTrue();
    }

    [Fact]
    public void A_tracker_that_responds_moves_to_the_front_of_its_tier_and_is_in_use()
    {
        var schedule = Schedule(["z"], ["a", "b", "c"]);
        NoResponse(schedule, Start);
        NoResponse(schedule, Start);
        var second = schedule.Due(Start, false)!;
        Answer(schedule, Start, 60);
        schedule.Entries[1].ShouldBe(second);
        schedule.StatusOf(second).InUse.ShouldBeTrue();
        schedule.StatusOf(schedule.Entries[0]).InUse.ShouldBeFalse();
    }

    [Fact]
    public void An_earlier_tier_is_tried_again_when_its_pause_is_over()
    {
        var schedule = Schedule(["a"], ["b"]);
        NoResponse(schedule, Start);
        Answer(schedule, Start, 600);
        schedule.Due(Start.AddSeconds(600), false)!.Url.ShouldBe("a");
    }

    [Fact]
    public void Another_tracker_is_not_asked_again_before_its_own_interval_is_over()
    {
        var schedule = Schedule(["a"], ["b"]);
        NoResponse(schedule, Start);
        Answer(schedule, Start, 3600);
        schedule.Due(Start.AddSeconds(3600), false)!.Url.ShouldBe("a");
        Answer(schedule, Start.AddSeconds(3600), 60);
        NoResponse(schedule, Start.AddSeconds(3660));
        schedule.Due(Start.AddSeconds(3660), false)!.Url.ShouldBe("b");
        Answer(schedule, Start.AddSeconds(3660), 3600);
        NoResponse(schedule, Start.AddSeconds(7260));
        Reject(schedule, Start.AddSeconds(7260), new AnnounceResponse { Interval = TimeSpan.FromSeconds(3600) });
        schedule.Due(Start.AddSeconds(7270), false).ShouldBeNull();
    }

    [Fact]
    public void Trackers_from_the_tracker_source_come_after_all_tiers()
    {
        var schedule = Schedule(["a"]);
        NoResponse(schedule, Start);
        schedule.AddDiscovered(["a", "z"]);
        var due = schedule.Due(Start, false).ShouldNotBeNull();
        (due.Url, due.Tier).ShouldBe(("z", TrackerStatus.DiscoveredTier));
        schedule.Entries.Count.ShouldBe(2);
        schedule
            .Replace(
                [
                    ["a", "m"],
                ],
                new SeededEntropy(1)
            )
            .ShouldBeEmpty();
        schedule.Entries.Select(entry => entry.Url).ShouldBe(["a", "m", "z"]);
        schedule.RemoveDiscovered().ShouldBeEmpty();
        schedule.Entries.Select(entry => entry.Url).ShouldBe(["a", "m"]);
    }

    [Fact]
    public void Replaced_tiers_keep_the_times_of_trackers_that_stay()
    {
        var schedule = Schedule(["a"], ["b"]);
        Answer(schedule, Start, 1800);
        schedule
            .Replace(
                [
                    ["n"],
                    ["a"],
                ],
                new SeededEntropy(1)
            )
            .ShouldBeEmpty();
        schedule.Entries.Select(entry => (entry.Url, entry.Tier)).ShouldBe([("n", 0), ("a", 1)]);
        Next(schedule).ShouldBe(1800);
        schedule
            .Replace(
                [
                    ["n"],
                ],
                new SeededEntropy(1)
            )
            .Single()
            .Url.ShouldBe("a");
        schedule.Due(Start, false)!.Url.ShouldBe("n");
    }

    [Fact]
    public void The_status_tells_the_last_answer_its_time_and_the_next_try()
    {
        var schedule = Schedule(["a"]);
        var entry = schedule.Entries[0];
        var status = schedule.StatusOf(entry);
        (status.Message, status.LastAsked, status.Next).ShouldBe(("", null, null));
        entry.Asked(Start);
        schedule.StatusOf(entry).Announcing.ShouldBeTrue();
        schedule.Succeeded(
            entry,
            Start,
            Request(),
            new AnnounceResponse
            {
                Complete = 3,
                Incomplete = 4,
                Downloaded = 5,
                Peers = [Endpoint.FromV4(1, 2)],
                Interval = TimeSpan.FromSeconds(60),
            }
        );
        status = schedule.StatusOf(entry);
        (status.Message, status.Working, status.Announcing).ShouldBe(("1 peer", true, false));
        (status.Seeds, status.Leechers, status.Downloaded).ShouldBe((3, 4, 5));
        (status.LastAsked, status.Next).ShouldBe((Start, Start.AddSeconds(60)));
        NoResponse(schedule, Start.AddSeconds(60));
        status = schedule.StatusOf(entry);
        (status.Message, status.Working, status.Failures).ShouldBe(("silent", false, 1));
    }

    private static TimeSpan? Seconds(int? seconds) => seconds is { } given ? TimeSpan.FromSeconds(given) : null;
}
