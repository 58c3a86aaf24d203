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
/// A BitTorrent tracker: swarms in memory, with HTTP and UDP front ends. Every member is callable from any loop at any
/// time, without blocking; <see cref="DrainChanges"/> has one caller. <see cref="RunAsync"/> removes expired peers and
/// must be running.
/// </summary>
public sealed class TrackerService : IDisposable
{
    /// <summary>A sweep of all shards takes one tick, in this many steps.</summary>
    private const int SweepSteps = 16;

    private readonly TrackerCore core;
    private readonly TimeProvider clock;
    private readonly FullScrapeHandler fullScrape;

    /// <exception cref="ArgumentException">The options are invalid; the message lists every fault.</exception>
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
    /// Releases the memory of all swarms at once; otherwise the finalizer does. No other member may be called
    /// afterwards.
    /// </summary>
    public void Dispose() => core.Swarms.Dispose();

    /// <summary>The UDP tracker protocol (BEP 15, BEP 41).</summary>
    public IDatagramHandler UdpHandler { get; }

    /// <summary>The patterns of the datagrams that a tracker can answer.</summary>
    public static IReadOnlyList<DatagramPattern> DatagramPatterns => UdpFrontEnd.RequestPatterns;

    /// <summary>
    /// Answers a scrape of all swarms, which <see cref="HttpFront"/> leaves to the ordinary pipeline if
    /// <see cref="TrackerOptions.FullScrape"/> is on. Null: the request is not a full scrape.
    /// </summary>
    /// <param name="request">The sender must be the client, not a proxy.</param>
    public HttpResponse? AnswerFullScrape(InboundRequest request) => fullScrape.Answer(request);

    /// <summary>Answers <c>GET /announce</c> and <c>GET /scrape</c>. Passes other requests through.</summary>
    public IRequestFront HttpFront { get; }

    /// <summary>Removes expired peers, a small part of the swarms at a time, until stopped.</summary>
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
            // Stopped. The swarms need no cleanup.
        }
    }

    /// <summary>
    /// The operator's allow and deny lists. Setting them is possible at any time from any thread, and applies to every
    /// later announce and scrape. The peers of denied torrents are removed, even if they are planted.
    /// </summary>
    public TrackerRules Rules
    {
        get => core.Swarms.Rules;
        set => core.Swarms.Rules = value;
    }

    /// <summary>
    /// Writes a snapshot for <see cref="LoadAsync"/>: the downloads, last announce and local peers of every swarm.
    /// Swarms that change meanwhile may be incomplete. After a crash, either the old file or the new one is intact.
    /// </summary>
    /// <exception cref="DiskException">The file cannot be written.</exception>
    public Task SaveAsync(IDisk disk, string path, CancellationToken stop) =>
        new SnapshotFile(core, disk, path).SaveAsync(stop);

    /// <summary>
    /// Loads a snapshot, and ages its peers by the time since it was saved. An open tracker restores all swarms, any
    /// other only those that are admitted. An invalid file changes nothing.
    /// </summary>
    /// <exception cref="DiskException">The file cannot be read.</exception>
    public Task<SnapshotLoadResult> LoadAsync(IDisk disk, string path, CancellationToken stop) =>
        new SnapshotFile(core, disk, path).LoadAsync(stop);

    /// <summary>Starts tracking a planted torrent.</summary>
    public void Admit(Hash20 swarm) => core.Swarms[swarm].Admit(swarm);

    /// <summary>
    /// The torrent is no longer planted. Unless the tracker is open, announces are rejected from now on, and the peers
    /// removed.
    /// </summary>
    public void Withdraw(Hash20 swarm) => core.Swarms[swarm].Withdraw(swarm);

    /// <summary>
    /// Returns changes to local peers of planted swarms since the last call, and their number. A change is a new peer,
    /// a peer that became a seed or a leecher, one that announced again after <see cref="TrackerOptions.RenewAfter"/>,
    /// or one that is gone. The changes of a peer are in order. Fewer changes than fit means that there are no more
    /// now. If the queue is full, a change is reported at the peer's next announce; a peer that is gone is not reported
    /// and expires at the partners.
    /// </summary>
    public int DrainChanges(Span<SwarmChange> into) => core.Swarms.DrainChanges(into);

    /// <summary>Lists local peers, newest first. Returns their number.</summary>
    public int Snapshot(Hash20 swarm, Span<SwarmPeer> into) => core.Swarms[swarm].Snapshot(swarm, into, core.Now());

    /// <summary>The number of local peers.</summary>
    public SwarmTotals Totals(Hash20 swarm) => core.Swarms[swarm].Totals(swarm, core.Now());

    /// <summary>
    /// The time of the last announce here; <see cref="DateTimeOffset.MinValue"/> if there was none since the start.
    /// </summary>
    public DateTimeOffset LastAnnounce(Hash20 swarm)
    {
        var second = core.Swarms[swarm].LastAnnounce(swarm);
        return second == SwarmSlot.Never ? DateTimeOffset.MinValue : core.WallClockTime(second);
    }

    /// <summary>
    /// Adds or removes peers that a partner reported for a planted swarm. They expire like local ones. They fill at
    /// most half of a reply while there are enough local ones, and are never passed on. Does nothing if the swarm is
    /// not planted here.
    /// </summary>
    /// <param name="totals">The partner's number of local peers, from its last batch.</param>
    public void AddShared(
        Hash20 swarm,
        Hash32 partner,
        ReadOnlySpan<SwarmPeer> peers,
        ReadOnlySpan<Endpoint> gone,
        SwarmTotals totals
    ) => core.Swarms[swarm].AddShared(swarm, partner, peers, gone, totals, core.Now());

    /// <summary>Removes everything that the partner reported: it no longer holds the swarm.</summary>
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
