using System.Text;
using Anatomic.Tracker.Peers;
using Anatomic.Tracker.Policy;
using Anatomic.Tracker.Requests;
using Anatomic.Tracker.Statistics;
using Anatomic.Tracker.Swarms;
using Anatomic.Wire;
using Anatomic.Wire.Trackers;
using Anatomic.World;

namespace Anatomic.Tracker.Http;

/// <summary>
/// A scrape of everything: all swarms that the operator does not deny, counted again no sooner than the min interval allows. Too
/// much for the front, whose replies wait for one another.
/// </summary>
internal sealed class FullScrapeHandler(TrackerCore core)
{
    private readonly Lock counting = new();
    private volatile Counted? last;

    /// <summary>Null: it is no such request.</summary>
    public HttpResponse? Answer(InboundRequest call)
    {
        var name = call.Path[(call.Path.LastIndexOf('/') + 1)..];
        if (!core.Options.FullScrape || call.Method != "GET" || name != "scrape" || NamesTorrents(call.Query))
        {
            return null;
        }
        var token = AccessToken.FromPath(Encoding.Latin1.GetBytes(call.Path), out _);
        if (
            token.Length + name.Length + (token.IsEmpty ? 1 : 2) != call.Path.Length
            || (!token.IsEmpty && !core.Tokens.AreRequired)
        )
        {
            return null;
        }
        var began = core.Timestamp();
        var now = core.TimeAt(began);
        var counters = core.Statistics.Current;
        var isKnown =
            !core.Tokens.AreRequired
            || core.Tokens.Contains(
                token.IsEmpty ? AccessToken.FromQuery(Encoding.Latin1.GetBytes(call.Query)) : token
            );
        var outcome =
            !core.TryCharge(call.From, now) ? RequestOutcome.Limited
            : !isKnown ? RequestOutcome.NoToken
            : RequestOutcome.Scraped;
        var body = outcome == RequestOutcome.Scraped ? Present(now) : Refusal(outcome);
        counters.Count(TrackerProtocol.Http, outcome);
        counters.RecordLatency(TrackerProtocol.Http, RequestKind.Scrape, core.ElapsedSince(began), requests: 1);
        return HttpResponse.Of(200, "text/plain", body);
    }

    /// <summary>Whether it names torrents, so that it is the front's.</summary>
    public static bool NamesTorrents(ReadOnlySpan<byte> query) => query.IndexOf("info_hash="u8) >= 0;

    private static bool NamesTorrents(string query) => query.Contains("info_hash=", StringComparison.Ordinal);

    private static byte[] Refusal(RequestOutcome outcome)
    {
        var words = FailureReasons.For(outcome);
        var body = new byte[HttpServerCodec.MaxFailureBytes(words.Length)];
        return body[..HttpServerCodec.WriteFailure(body, words, retryMinutes: 1)];
    }

    /// <summary>Who comes while it is being counted gets the last one, or waits for the first.</summary>
    private ReadOnlyMemory<byte> Present(in TrackerTime now)
    {
        var rules = core.Swarms.Rules;
        var known = last;
        if (known is not null && IsFresh(known, rules, now))
        {
            return known.Body;
        }
        if (!counting.TryEnter())
        {
            if (known is not null && known.Rules == rules)
            {
                return known.Body;
            }
            counting.Enter();
        }
        try
        {
            known = last;
            if (known is null || !IsFresh(known, rules, now))
            {
                last = known = new Counted(now.Second, rules, Count(rules));
            }
            return known.Body;
        }
        finally
        {
            counting.Exit();
        }
    }

    /// <summary>What is denied since it was counted must not stand in it.</summary>
    private bool IsFresh(Counted counted, TrackerRules rules, in TrackerTime now) =>
        counted.Rules == rules && now.Second - counted.Second < core.MinIntervalSeconds;

    private ReadOnlyMemory<byte> Count(TrackerRules rules)
    {
        var all = new Counting(rules, []);
        foreach (var shard in core.Swarms.Shards)
        {
            var slot = 0;
            while (!all.IsFull && !shard.Visit(ref slot, ref all)) { }
        }
        var swarms = all.Swarms;
        // A dictionary of bencoding is sorted by its keys.
        swarms.Sort(static (a, b) => a.Swarm.CompareTo(b.Swarm));
        var body = new byte[HttpServerCodec.MaxScrapeBytes(swarms.Count)];
        var length = HttpServerCodec.BeginScrape(body);
        foreach (var (swarm, counts) in swarms)
        {
            length += HttpServerCodec.WriteScrapeFile(body.AsSpan(length), swarm, counts);
        }
        length += HttpServerCodec.EndScrape(body.AsSpan(length), core.MinIntervalSeconds);
        return body.AsMemory(0, length);
    }

    private sealed record Counted(int Second, TrackerRules Rules, ReadOnlyMemory<byte> Body);

    private readonly struct Counting(TrackerRules rules, List<(Hash20 Swarm, ScrapeCounts Counts)> swarms)
        : ISwarmVisitor
    {
        public List<(Hash20 Swarm, ScrapeCounts Counts)> Swarms => swarms;

        public bool IsFull => swarms.Count >= TrackerLimits.MaxFullScrape;

        public bool Visit(in SwarmSlot swarm, SwarmPeers peers)
        {
            if (IsFull)
            {
                return false;
            }
            if (rules.Allows(swarm.Hash))
            {
                swarms.Add((swarm.Hash, peers.Scrape(swarm.Downloaded)));
            }
            return true;
        }
    }
}
