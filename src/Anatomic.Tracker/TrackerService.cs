using Anatomic.Tracker.Http;
using Anatomic.Tracker.Policy;
using Anatomic.Tracker.Requests;
using Anatomic.Tracker.Snapshots;
using Anatomic.Tracker.Statistics;
using Anatomic.Tracker.Swarms;
using Anatomic.Tracker.Udp;
using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.Wire.Proxies;
using Anatomic.Wire.Trackers;
using Anatomic.World;

namespace Anatomic.Tracker;

/// <summary>
/// A BitTorrent tracker: swarms in memory, announced to over HTTP and UDP. Every member may be called from any loop at any
/// time (<see cref="DrainChanges"/> from one only); none of them waits. <see cref="RunAsync"/> forgets the peers that fell
/// silent, and must run.
/// </summary>
public sealed class TrackerService : IDisposable
{
    /// <summary>A round over all shards takes a tick, in so many steps.</summary>
    private const int SweepSteps = 16;

    private readonly TrackerCore core;
    private readonly TimeProvider clock;
    private readonly FullScrapeHandler fullScrape;

    /// <exception cref="ArgumentException">The options are not valid; the message names every fault.</exception>
    public TrackerService(TrackerOptions options, TimeProvider clock, Entropy entropy)
    {
        var faults = options.Validate();
        if (faults.Count > 0)
        {
            throw new ArgumentException(string.Join("; ", faults), nameof(options));
        }
        this.clock = clock;
        core = new TrackerCore(options, clock, entropy.Fork("swarms"));
        UdpHandler = new UdpFrontEnd(core, entropy.Fork("connections").Bytes(SipHash.KeyBytes));
        HttpFront = new HttpFrontEnd(core, new ForwardedFor(options.TrustedProxies));
        fullScrape = new FullScrapeHandler(core);
    }

    /// <summary>
    /// Gives the memory of all swarms back at once; what is not disposed of gives it back when it is collected. No other member may
    /// be called any more.
    /// </summary>
    public void Dispose() => core.Swarms.Dispose();

    /// <summary>Answers BEP 15.</summary>
    public IDatagramHandler UdpHandler { get; }

    /// <summary>The forms of the datagrams that any tracker may answer.</summary>
    public static IReadOnlyList<DatagramPattern> DatagramPatterns => UdpFrontEnd.RequestPatterns;

    /// <summary>
    /// Answers a scrape of everything, which the front leaves to the ordinary pipeline when <see cref="TrackerOptions.FullScrape"/>
    /// allows it; null: the request is no such one.
    /// </summary>
    /// <param name="call">Its sender is who asks, not a proxy.</param>
    public HttpResponse? AnswerFullScrape(InboundRequest call) => fullScrape.Answer(call);

    /// <summary>Answers <c>GET /announce</c> and <c>GET /scrape</c>; everything else is not its business.</summary>
    public IRequestFront HttpFront { get; }

    /// <summary>Forgets silent peers, a small part of the swarms at a time, until stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                await Task.Delay(core.Tick / SweepSteps, clock, stop);
                core.Sweep(TrackerLimits.Shards / SweepSteps);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Stopped: what is in memory goes with the process.
        }
    }

    /// <summary>
    /// The operator's word about torrents. It may be set at any time, from any thread, and counts for every announce and scrape
    /// from then on; the peers of what it denies are forgotten, even when it is planted.
    /// </summary>
    public TrackerRules Rules
    {
        get => core.Swarms.Rules;
        set => core.Swarms.Rules = value;
    }

    /// <summary>
    /// Writes what <see cref="LoadAsync"/> brings back into one file: for every swarm its downloads, its last announce and its
    /// first-hand peers. Those that change meanwhile may be missed. A crash leaves the file of before, or the new one whole.
    /// </summary>
    /// <exception cref="DiskException">It could not be written.</exception>
    public Task SaveAsync(IDisk disk, string path, CancellationToken stop) =>
        new SnapshotFile(core, disk, path).SaveAsync(stop);

    /// <summary>
    /// Takes back what was saved, as old as it has become meanwhile: of an open tracker all swarms, else those that are admitted.
    /// A file that is broken, cut off or foreign changes nothing.
    /// </summary>
    /// <exception cref="DiskException">It could not be read.</exception>
    public Task<SnapshotLoadResult> LoadAsync(IDisk disk, string path, CancellationToken stop) =>
        new SnapshotFile(core, disk, path).LoadAsync(stop);

    /// <summary>Planted: announces for it are answered from now on.</summary>
    public void Admit(Hash20 swarm) => core.Swarms[swarm].Admit(swarm);

    /// <summary>No longer planted: unless the tracker is open, announces are refused from now on and its peers forgotten.</summary>
    public void Withdraw(Hash20 swarm) => core.Swarms[swarm].Withdraw(swarm);

    /// <summary>
    /// First-hand changes of planted swarms since the last drain: a peer that is new, became a seed (or ceased to be one), announced
    /// again after <see cref="TrackerOptions.RenewAfter"/>, or is gone. Those of one peer come in their order. Returns how many were
    /// written; fewer than the room means that there are no more now. When too many wait, news are told at a peer's next
    /// announce instead, and a peer that is gone is not told: it expires at the partners.
    /// </summary>
    public int DrainChanges(Span<SwarmChange> into) => core.Swarms.DrainChanges(into);

    /// <summary>First-hand peers, newest first; returns how many were written.</summary>
    public int Snapshot(Hash20 swarm, Span<SwarmPeer> into) => core.Swarms[swarm].Snapshot(swarm, into, core.Now());

    /// <summary>First-hand totals.</summary>
    public SwarmTotals Totals(Hash20 swarm) => core.Swarms[swarm].Totals(swarm, core.Now());

    /// <summary>When a peer last announced first-hand; <see cref="DateTimeOffset.MinValue"/>: not since the start.</summary>
    public DateTimeOffset LastAnnounce(Hash20 swarm)
    {
        var second = core.Swarms[swarm].LastAnnounce(swarm);
        return second == SwarmSlot.Never ? DateTimeOffset.MinValue : core.WallClockTime(second);
    }

    /// <summary>
    /// What a partner told of its own peers of a planted swarm. They expire as own ones do, fill at most half of a reply while
    /// local ones are there, and are never passed on. Nothing happens when the swarm is not planted here.
    /// </summary>
    /// <param name="totals">The partner's first-hand totals, from its last batch on.</param>
    public void AddShared(
        Hash20 swarm,
        Hash32 partner,
        ReadOnlySpan<SwarmPeer> peers,
        ReadOnlySpan<Endpoint> gone,
        SwarmTotals totals
    ) => core.Swarms[swarm].AddShared(swarm, partner, peers, gone, totals, core.Now());

    /// <summary>The partner holds the swarm no longer.</summary>
    public void ForgetShared(Hash20 swarm, Hash32 partner) => core.Swarms[swarm].ForgetShared(swarm, partner);

    public TrackerStatistics ReadStatistics()
    {
        var sum = core.Swarms.ReadStatistics();
        return new TrackerStatistics
        {
            Swarms = sum.Swarms,
            Planted = sum.Planted,
            Seeds = sum.Seeds,
            Leechers = sum.Leechers,
            SharedPeers = sum.Shared,
            WaitingChanges = sum.WaitingChanges,
            MemoryBytes = core.Swarms.MemoryBytes,
            Requests = core.Statistics.ReadCounts(),
            Latencies = core.Statistics.ReadLatencies(),
        };
    }
}
