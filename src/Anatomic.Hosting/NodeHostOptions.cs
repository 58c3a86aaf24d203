using System.Net;
using Anatomic.Federation;
using Anatomic.Federation.Monitoring;
using Anatomic.Tracker;
using Anatomic.Tracker.Policy;
using Anatomic.Wire;

namespace Anatomic.Hosting;

/// <summary>Options of a node.</summary>
public sealed record NodeHostOptions
{
    /// <summary>
    /// Addresses to listen on, HTTP and UDP at the same port. At least one; port 0 takes a free port.
    /// </summary>
    public required IReadOnlyList<Endpoint> Listen { get; init; }

    /// <summary>Absolute paths of unix sockets that also serve HTTP. Default: none.</summary>
    public IReadOnlyList<string> UnixPaths { get; init; } = [];

    /// <summary>The network. Private addresses are accepted as peers and nodes only if it allows them.</summary>
    public NetworkOptions Network { get; init; } = new();

    /// <summary>
    /// Supernodes to register with, as <c>URL#id</c>. On private networks the id is optional. Default: none.
    /// </summary>
    public IReadOnlyList<string> Supernodes { get; init; } = [];

    /// <summary>
    /// Base URLs under which others reach the node. Empty: on a private network the first listen address, otherwise the
    /// address that a supernode sees. Default: empty.
    /// </summary>
    public IReadOnlyList<Uri> PublicUrls { get; init; } = [];

    /// <summary>Also tracks torrents that nobody planted. Default: false.</summary>
    public bool Open { get; init; }

    /// <summary>
    /// Info-hashes that the operator denies or allows, for planting and for announces, at the start. Set
    /// <see cref="TrackerService.Rules"/> of the node's tracker to change them later.
    /// </summary>
    public TrackerRules Rules { get; init; } = TrackerRules.None;

    /// <summary>Planting needs one of these tokens. Empty: everyone may plant. Default: empty.</summary>
    public IReadOnlyList<string> Tokens { get; init; } = [];

    /// <summary>Proxies whose <c>X-Forwarded-For</c> header is trusted. Default: none.</summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary>
    /// Limits, tokens and rate limits of the tracker. <see cref="Open"/>, <see cref="Network"/>,
    /// <see cref="TrustedProxies"/> and <see cref="AnnounceInterval"/> override its values.
    /// </summary>
    public TrackerOptions Tracker { get; init; } = new();

    /// <summary>
    /// The interval that announces return. A peer that stays silent for 1.5 intervals is removed. At most 2 hours;
    /// default: 30 minutes.
    /// </summary>
    public TimeSpan AnnounceInterval { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>
    /// How long a stopping node keeps answering while <c>/readyz</c> reports 503, so that load balancers can switch in
    /// time. Default: 0.
    /// </summary>
    public TimeSpan Drain { get; init; }

    /// <summary>Metrics of the process, appended to the node's own. Default: none.</summary>
    public Func<IEnumerable<Metric>> ProcessMetrics { get; init; } = static () => [];

    /// <summary>
    /// File that keeps the swarms across a planned restart; null for none. If it cannot be used, the node reports that
    /// to <see cref="Remark"/> and starts with empty swarms. Default: null.
    /// </summary>
    public string? SnapshotPath { get; init; }

    /// <summary>Receives warnings for a person, one sentence each.</summary>
    public Action<string> Remark { get; init; } = static _ => { };

    /// <summary>Name of the software, for the node's record and status page.</summary>
    public string Software { get; init; } = "anatomic";
}
