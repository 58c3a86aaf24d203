using System.Text;
using Anatomic.Tracker.Policy;
using Anatomic.Wire.Trackers;
using Anatomic.World;
using static Anatomic.Tracker.Tests.TestTracker;

namespace Anatomic.Tracker.Tests.Http;

public class FullScrapeTests
{
    private static readonly TrackerOptions Allowed = new() { Open = true, FullScrape = true };

    [Fact]
    public void A_full_scrape_lists_all_allowed_swarms_sorted_by_hash()
    {
        var tracker = new TestTracker(Allowed);
        for (var i = 0; i < 3000; i++)
        {
            tracker.Announce(V4(i), seed: i % 2 == 0, swarm: HashOf(2 + (i % 1500)));
        }
        tracker.Service.Rules = new TrackerRules([HashOf(5), HashOf(6)], null);
        var reply = Scrape(tracker, "/scrape");
        reply.Files.Count.ShouldBe(1 + 1500 - 2);
        reply.Files.Select(file => file.Swarm).ShouldBeInOrder();
        reply.Files.Sum(file => file.Counts.Complete + file.Counts.Incomplete).ShouldBe(3000 - 4);
        reply.MinInterval.ShouldBe(TimeSpan.FromMinutes(5));
    }

    [Fact]
    public void A_full_scrape_is_refreshed_after_the_min_interval_or_new_rules()
    {
        var tracker = new TestTracker(Allowed);
        Scrape(tracker, "/scrape").Files.Single().Counts.Incomplete.ShouldBe(0);
        tracker.Announce(V4(1));
        Scrape(tracker, "/scrape?x=1").Files.Single().Counts.Incomplete.ShouldBe(0);
        tracker.Clock.Advance(TimeSpan.FromMinutes(5));
        Scrape(tracker, "/scrape").Files.Single().Counts.Incomplete.ShouldBe(1);
        tracker.Service.Rules = new TrackerRules([Swarm], null);
        Scrape(tracker, "/scrape").Files.ShouldBeEmpty();
    }

    [Fact]
    public void A_full_scrape_must_be_enabled()
    {
        new TestTracker().Service.AnswerFullScrape(Call("/scrape")).ShouldBeNull();
        var tracker = new TestTracker(Allowed);
        tracker.Get("GET /scrape HTTP/1.1\r\n\r\n", V4(1)).Result.ShouldBe(FrontResult.PassThrough);
        tracker.Get("GET /scrape?info_hash=x HTTP/1.1\r\n\r\n", V4(1)).Result.ShouldBe(FrontResult.KeepOpen);
        foreach (var other in new[] { "/scrape?info_hash=x", "/announce", "/x/scrape", "/x/y/scrape", "/" })
        {
            tracker.Service.AnswerFullScrape(Call(other)).ShouldBeNull(other);
        }
        tracker.Service.AnswerFullScrape(Call("/scrape") with { Method = "POST" }).ShouldBeNull();
    }

    [Fact]
    public void Tokens_and_rate_limits_apply_to_a_full_scrape()
    {
        var tracker = new TestTracker(Allowed with { AnnounceTokens = ["a-token-of-mine"], RateLimit = 1 });
        Text(tracker, "/scrape").ShouldContain("needs a token");
        Text(tracker, "/scrape?token=a-token-of-yours").ShouldContain("needs a token");
        Scrape(tracker, "/scrape?token=a-token-of-mine").Files.Count.ShouldBe(1);
        for (var i = 0; i < 17; i++)
        {
            Scrape(tracker, "/a-token-of-mine/scrape").Files.Count.ShouldBe(1);
        }
        Text(tracker, "/a-token-of-mine/scrape").ShouldContain("too many requests");
    }

    private static InboundRequest Call(string target) =>
        new()
        {
            Method = "GET",
            Target = target,
            From = V4(1),
        };

    private static string Text(TestTracker tracker, string target) =>
        Encoding.Latin1.GetString(tracker.Service.AnswerFullScrape(Call(target))!.Body.Span);

    private static ScrapeResponse Scrape(TestTracker tracker, string target)
    {
        var answer = tracker.Service.AnswerFullScrape(Call(target))!;
        answer.Status.ShouldBe(200);
        HttpClientCodec.TryReadScrape(answer.Body, out var reply, out var fault).ShouldBeTrue(fault?.ToString());
        reply!.FailureReason.ShouldBeNull();
        return reply;
    }
}
