using Anatomic.Engine.Trackers;

namespace Anatomic.Engine.Tests.Trackers;

public class AnnounceSlotsTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;
    private readonly AnnounceSlots slots = new();

    [Fact]
    public void A_new_host_is_asked_little_and_a_host_that_answers_more()
    {
        EnterMany("a", 20);
        Granted(Start).ShouldBe(EngineLimits.MaxAnnouncesToNewHost);
        slots.Leave("a", failure: null, Start);
        Granted(Start).ShouldBe(EngineLimits.MaxAnnouncesPerHost - (EngineLimits.MaxAnnouncesToNewHost - 1));
    }

    [Fact]
    public void All_hosts_together_have_a_limit_and_take_turns()
    {
        for (var host = 0; host < 100; host++)
        {
            EnterMany($"host {host}", 5);
        }
        Granted(Start).ShouldBe(EngineLimits.MaxAnnounces);
        slots.Leave("host 0", failure: null, Start);
        Granted(Start).ShouldBe(1);
    }

    [Fact]
    public void A_silent_host_holds_nobody_back()
    {
        EnterMany("silent", 1000);
        Granted(Start).ShouldBe(EngineLimits.MaxAnnouncesToNewHost);
        var other = new Waiter();
        slots.Enter("other", other);
        Granted(Start).ShouldBe(1);

        var later = Start.AddSeconds(16);
        slots.Leave("silent", "it is silent", later);
        var denied = new List<SlotDecision>();
        while (slots.TryDecide(later, out var decision))
        {
            denied.Add(decision);
        }
        denied.Count.ShouldBe(1000 - EngineLimits.MaxAnnouncesToNewHost);
        denied.ShouldAllBe(one => one.Reason == "it is silent" && one.Until == later + EngineLimits.TrackerBackOff);
    }

    [Fact]
    public void A_silent_host_gets_one_try_after_each_pause_which_doubles()
    {
        EnterMany("a", 2);
        Granted(Start).ShouldBe(2);
        // Both were under way together, so they count once.
        slots.Leave("a", "silent", Start);
        slots.Leave("a", "silent", Start.AddSeconds(1));
        EnterMany("a", 3);
        Granted(Start.AddSeconds(15)).ShouldBe(1);
        slots.Leave("a", "silent", Start.AddSeconds(30));
        slots.TryDecide(Start.AddSeconds(59), out var denied).ShouldBeTrue();
        denied.Until.ShouldBe(Start.AddSeconds(60));
        Granted(Start.AddSeconds(60)).ShouldBe(1);
        slots.Leave("a", failure: null, Start.AddSeconds(61));
        EnterMany("a", 20);
        Granted(Start.AddSeconds(61)).ShouldBe(EngineLimits.MaxAnnouncesPerHost);
    }

    [Fact]
    public void A_turn_that_was_given_back_says_nothing_about_the_host()
    {
        EnterMany("a", 2);
        Granted(Start).ShouldBe(2);
        slots.Leave("a", failure: "", Start);
        slots.Leave("a", failure: "", Start);
        EnterMany("a", 5);
        Granted(Start).ShouldBe(EngineLimits.MaxAnnouncesToNewHost);
    }

    [Fact]
    public void An_announce_that_cannot_wait_comes_first()
    {
        EnterMany("a", 5);
        var urgent = new Waiter();
        slots.Enter("a", urgent, first: true);
        slots.TryDecide(Start, out var decision).ShouldBeTrue();
        decision.Waiter.ShouldBe(urgent);
    }

    [Fact]
    public void Hosts_are_forgotten_when_there_are_too_many()
    {
        for (var host = 0; host < 3 * EngineLimits.MaxTrackerHosts; host++)
        {
            EnterMany($"host {host}", 1);
            Granted(Start).ShouldBe(1);
            slots.Leave($"host {host}", "silent", Start);
        }
        slots.HostCount.ShouldBeLessThanOrEqualTo(EngineLimits.MaxTrackerHosts);
    }

    private void EnterMany(string host, int count)
    {
        for (var i = 0; i < count; i++)
        {
            slots.Enter(host, new Waiter());
        }
    }

    private int Granted(DateTimeOffset now)
    {
        var granted = 0;
        while (slots.TryDecide(now, out var decision))
        {
            decision.Reason.ShouldBeNull();
            granted++;
        }
        return granted;
    }

    private sealed class Waiter : IAnnounceWaiter
    {
        public void Granted() { }

        public void Denied(string reason, DateTimeOffset until) { }
    }
}
