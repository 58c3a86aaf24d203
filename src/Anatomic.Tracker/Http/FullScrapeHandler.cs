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
/// Answers a scrape of all swarms that the operator does not deny. The result is cached for the min interval. It takes
/// too long for the front end, whose loop serves many connections.
/// </summary>
internal sealed class FullScrapeHandler(TrackerCore core)
{
    private readonly Lock counting = new();
    private volatile CachedScrape? cached;

    /// <summary>Returns null if this is not a full scrape, or if full scrapes are off.</summary>
    public HttpResponse? Answer(InboundRequest request)
    {
        var name = request.Path[(request.Path.LastIndexOf('/') + 1)..];
        if (!core.Options.FullScrape || request.Method != "GET" || name != "scrape" || NamesTorrents(request.Query))
        {
            return null;
        }
        var token = AccessToken.FromPath(Encoding.Latin1.GetBytes(request.Path), out _);
        if (
            token.Length + name.Length + (token.IsEmpty ? 1 : 2) != request.Path.Length
            || (!token.IsEmpty && !core.Tokens.AreRequired)
        )
        {
            return null;
        }
        var began = core.Timestamp();
        var now = core.TimeAt(began);
        var counters = core.Statistics.Current;
        var isAuthorized =
            !core.Tokens.AreRequired
            || core.Tokens.Contains(
                token.IsEmpty ? AccessToken.FromQuery(Encoding.Latin1.GetBytes(request.Query)) : token
            );
        var outcome =
            !core.TryCharge(request.From, now) ? RequestOutcome.Limited
            : !isAuthorized ? RequestOutcome.NoToken
            : RequestOutcome.Scraped;
        var body = outcome == RequestOutcome.Scraped ? Current(now) : Failure(outcome);
        counters.Count(TrackerProtocol.Http, outcome);
        counters.RecordLatency(TrackerProtocol.Http, RequestKind.Scrape, core.ElapsedSince(began), requests: 1);
        return HttpResponse.Of(200, "text/plain", body);
    }

    /// <summary>True for a scrape of specific torrents, which the front end answers.</summary>
    public static bool NamesTorrents(ReadOnlySpan<byte> query) => query.IndexOf("info_hash="u8) >= 0;

    private static bool NamesTorrents(string query) => query.Contains("info_hash=", StringComparison.Ordinal);

    private static byte[] Failure(RequestOutcome outcome)
    {
        var reason = FailureReasons.For(outcome);
        var body = new byte[HttpServerCodec.MaxFailureBytes(reason.Length)];
        return body[..HttpServerCodec.WriteFailure(body, reason, retryMinutes: 1)];
    }

    /// <summary>A request during a count gets the cached result, or waits if there is none.</summary>
    private ReadOnlyMemory<byte> Current(in TrackerTime now)
    {
        var rules = core.Swarms.Rules;
        var scrape = cached;
        if (scrape is not null && IsFresh(scrape, rules, now))
        {
            return scrape.Body;
        }
        if (!counting.TryEnter())
        {
            if (scrape is not null && scrape.Rules == rules)
            {
                return scrape.Body;
            }
            counting.Enter();
        }
        try
        {
            scrape = cached;
            if (scrape is null || !IsFresh(scrape, rules, now))
            {
                cached = scrape = new CachedScrape(now.Second, rules, Count(rules));
            }
            return scrape.Body;
        }
        finally
        {
            counting.Exit();
        }
    }

    /// <summary>A torrent that was denied after the count must not appear.</summary>
    private bool IsFresh(CachedScrape scrape, TrackerRules rules, in TrackerTime now) =>
        scrape.Rules == rules && now.Second - scrape.Second < core.MinIntervalSeconds;

    private ReadOnlyMemory<byte> Count(TrackerRules rules)
    {
        var collector = new SwarmCollector(rules, []);
        foreach (var shard in core.Swarms.Shards)
        {
            var slot = 0;
            while (!collector.IsFull && !shard.Visit(ref slot, ref collector)) { }
        }
        var swarms = collector.Swarms;
        // Bencoded dictionaries are sorted by key.
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

    private sealed record CachedScrape(int Second, TrackerRules Rules, ReadOnlyMemory<byte> Body);

    private readonly struct SwarmCollector(TrackerRules rules, List<(Hash20 Swarm, ScrapeCounts Counts)> swarms)
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
