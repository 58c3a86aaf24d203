using Anatomic.Tracker.Swarms;
using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.Wire.Trackers;
using Anatomic.World;

namespace Anatomic.Tracker;

/// <summary>What both front ends share: the swarms, the clock, the rules and the counters.</summary>
internal sealed class TrackerCore
{
    private readonly TimeProvider clock;
    private readonly long started;
    private readonly SourceBudgets? budgets;
    private readonly LoadPace pace;

    public TrackerCore(TrackerOptions options, TimeProvider clock, Entropy entropy)
    {
        (Options, this.clock, started) = (options, clock, clock.GetTimestamp());
        Tick = options.PeerTimeout / PeerAge.TicksOfTimeout;
        Swarms = new SwarmStore(options, Tick, entropy);
        pace = new LoadPace((int)options.Interval.TotalSeconds, options.AnnouncesPerSecond);
        Tokens = new AnnounceTokens(options.AnnounceTokens);
        budgets = options.RateLimit > 0 ? new SourceBudgets(options.RateLimit, entropy.NextUInt64()) : null;
        RetryMinutes = Math.Max(1, (int)options.RetryIn.TotalMinutes);
        MinIntervalSeconds = (int)options.MinInterval.TotalSeconds;
    }

    public TrackerOptions Options { get; }
    public TimeSpan Tick { get; }
    public SwarmStore Swarms { get; }
    public AnnounceTokens Tokens { get; }
    public RequestStatistics Statistics { get; } = new();
    public int RetryMinutes { get; }
    public int MinIntervalSeconds { get; }

    public Moment Now() => At(Timestamp());

    public long Timestamp() => clock.GetTimestamp();

    /// <summary>The moment of a <see cref="Timestamp"/>.</summary>
    public Moment At(long timestamp)
    {
        var elapsed = clock.GetElapsedTime(started, timestamp);
        return new Moment(
            (int)(elapsed.Ticks / Tick.Ticks),
            (int)(elapsed.Ticks / TimeSpan.TicksPerSecond),
            elapsed.Ticks / TimeSpan.TicksPerMicrosecond,
            pace.TimeoutTicks,
            pace.IntervalSeconds
        );
    }

    public TimeSpan Since(long timestamp) => clock.GetElapsedTime(timestamp);

    public DateTimeOffset UtcNow => clock.GetUtcNow();

    /// <summary>The time of day of a second since the start.</summary>
    public DateTimeOffset TimeOf(int second) => clock.GetUtcNow() - TimeSpan.FromSeconds(Now().Second - second);

    /// <summary>Sees how much is asked, and forgets expired peers in a part of the shards.</summary>
    public void Sweep(int shards)
    {
        var now = Now();
        pace.Observe(Statistics.Announces(), now);
        Swarms.Sweep(shards, now);
    }

    /// <summary>Charges a source that has proven its address for one request; false: it has asked too often.</summary>
    public bool TryCharge(in Endpoint from, in Moment now) => budgets?.TryTake(from, now.Microsecond) ?? true;

    /// <param name="from">The asker's address; its port does not count.</param>
    /// <param name="hint">The swarm's slot, perhaps.</param>
    public AnnounceResult Announce(
        in AnnounceQuery query,
        in Endpoint from,
        int hint,
        TrackerProtocol protocol,
        RequestTally tally,
        in Moment now,
        ref ReplyRoom room
    )
    {
        var peer = from.WithPort(query.Port);
        var isKept = AddressRules.IsUnicast(peer) && (Options.AllowPrivate || AddressRules.IsPublic(peer));
        var result = Swarms[query.Swarm].Announce(query, peer, isKept, hint, now, ref room);
        tally.Count(protocol, result.Outcome);
        return IsLonely(query, result)
            ? result with
            {
                IntervalSeconds = Math.Min(result.IntervalSeconds, TrackerBounds.LonelySeconds),
            }
            : result;
    }

    // Those who come to different nodes in the same second get empty replies, and would all wait for half an hour.
    private static bool IsLonely(in AnnounceQuery query, in AnnounceResult result) =>
        !query.IsSeed
        && query.Event != AnnounceEvent.Stopped
        && result.Outcome == RequestOutcome.Announced
        && result.Totals.Seeds + result.Totals.Leeches <= 1;
}
