using Anatomic.Tracker.Peers;
using Anatomic.Tracker.Policy;
using Anatomic.Tracker.Statistics;
using Anatomic.Tracker.Swarms;
using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.Wire.Trackers;
using Anatomic.World;

namespace Anatomic.Tracker.Requests;

/// <summary>The state that both front ends share: swarms, clock, access rules and statistics.</summary>
internal sealed class TrackerCore
{
    private readonly TimeProvider clock;
    private readonly long started;
    private readonly SourceRateLimiter? rateLimiter;
    private readonly AdaptiveInterval interval;

    public TrackerCore(TrackerOptions options, TimeProvider clock, Entropy entropy)
    {
        (Options, this.clock, started) = (options, clock, clock.GetTimestamp());
        Tick = options.PeerTimeout / PeerAge.TimeoutTicksNormal;
        Swarms = new SwarmStore(options, Tick, entropy);
        interval = new AdaptiveInterval((int)options.Interval.TotalSeconds, options.AnnouncesPerSecond);
        Tokens = new AccessTokens(options.AnnounceTokens);
        rateLimiter = options.RateLimit > 0 ? new SourceRateLimiter(options.RateLimit, entropy.NextUInt64()) : null;
        RetryMinutes = Math.Max(1, (int)options.RetryIn.TotalMinutes);
        MinIntervalSeconds = (int)options.MinInterval.TotalSeconds;
    }

    public TrackerOptions Options { get; }
    public TimeSpan Tick { get; }
    public SwarmStore Swarms { get; }
    public AccessTokens Tokens { get; }
    public RequestStatistics Statistics { get; } = new();
    public int RetryMinutes { get; }
    public int MinIntervalSeconds { get; }

    public TrackerTime Now() => TimeAt(Timestamp());

    public long Timestamp() => clock.GetTimestamp();

    /// <summary>Converts a <see cref="Timestamp"/>.</summary>
    public TrackerTime TimeAt(long timestamp)
    {
        var elapsed = clock.GetElapsedTime(started, timestamp);
        return new TrackerTime(
            (int)(elapsed.Ticks / Tick.Ticks),
            (int)(elapsed.Ticks / TimeSpan.TicksPerSecond),
            elapsed.Ticks / TimeSpan.TicksPerMicrosecond,
            interval.TimeoutTicks,
            interval.IntervalSeconds
        );
    }

    public TimeSpan ElapsedSince(long timestamp) => clock.GetElapsedTime(timestamp);

    public DateTimeOffset UtcNow => clock.GetUtcNow();

    /// <summary>Converts seconds since the start to the time of day.</summary>
    public DateTimeOffset WallClockTime(int second) => clock.GetUtcNow() - TimeSpan.FromSeconds(Now().Second - second);

    /// <summary>Adapts the interval to the load, and removes expired peers from the next shards.</summary>
    public void Sweep(int shards)
    {
        var now = Now();
        interval.Observe(Statistics.Announces(), now);
        Swarms.Sweep(shards, now);
    }

    /// <summary>
    /// Charges one request to a source whose address is verified. False: the source is above its rate limit.
    /// </summary>
    public bool TryCharge(in Endpoint from, in TrackerTime now) =>
        rateLimiter?.TryAcquire(from, now.Microsecond) ?? true;

    /// <summary>Handles an announce that passed the checks of its front end, and counts its outcome.</summary>
    /// <param name="from">The client's address; the port is the one in <paramref name="query"/>.</param>
    /// <param name="hint">Where the swarm's slot probably is, or <see cref="SwarmTable.NoSlot"/>.</param>
    public AnnounceResult Announce(
        in AnnounceQuery query,
        in Endpoint from,
        int hint,
        TrackerProtocol protocol,
        RequestCounters counters,
        in TrackerTime now,
        ref ReplyBuffers buffers
    )
    {
        var peer = from.WithPort(query.Port);
        var isShareable = AddressRules.IsUnicast(peer) && (Options.AllowPrivate || AddressRules.IsPublic(peer));
        var result = Swarms[query.Swarm].Announce(query, peer, isShareable, hint, now, ref buffers);
        counters.Count(protocol, result.Outcome);
        return IsAlone(query, result)
            ? result with
            {
                IntervalSeconds = Math.Min(result.IntervalSeconds, TrackerLimits.AloneIntervalSeconds),
            }
            : result;
    }

    // Clients that start at different nodes in the same second get empty replies. They would all wait for half an hour.
    private static bool IsAlone(in AnnounceQuery query, in AnnounceResult result) =>
        !query.IsSeed
        && query.Event != AnnounceEvent.Stopped
        && result.Outcome == RequestOutcome.Announced
        && result.Totals.Seeds + result.Totals.Leechers <= 1;
}
