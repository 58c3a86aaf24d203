using System.Net;
using Anatomic.Federation;
using Anatomic.Federation.Monitoring;
using Anatomic.Tracker;
using Anatomic.Tracker.Policy;
using Anatomic.Wire;

namespace Anatomic.Hosting;

/// <summary>What a node is composed from.</summary>
public sealed record NodeHostOptions
{
    /// <summary>Where it answers, HTTP and UDP at the same port; at least one, port 0 takes a free one.</summary>
    public required IReadOnlyList<Endpoint> Listen { get; init; }

    /// <summary>Absolute paths of unix sockets at which HTTP is answered, too.</summary>
    public IReadOnlyList<string> UnixPaths { get; init; } = [];

    /// <summary>The network; private addresses are peers and nodes like others exactly when it is a private one.</summary>
    public NetworkOptions Network { get; init; } = new();

    /// <summary>Supernodes to register at, as <c>URL#id</c>; on private networks the id may be left out.</summary>
    public IReadOnlyList<string> Supernodes { get; init; } = [];

    /// <summary>
    /// Base URLs that others reach it by. Empty: on a private network the first address that it listens on, else the address that
    /// a supernode sees.
    /// </summary>
    public IReadOnlyList<Uri> PublicUrls { get; init; } = [];

    /// <summary>Torrents that nobody planted are tracked, too.</summary>
    public bool Open { get; init; }

    /// <summary>
    /// What the operator denies or allows at the start, of planting as of announces; later <see cref="TrackerService.Rules"/> of
    /// the node's tracker says it.
    /// </summary>
    public TrackerRules Rules { get; init; } = TrackerRules.None;

    /// <summary>Empty: everybody may plant; else only who knows one of these.</summary>
    public IReadOnlyList<string> Tokens { get; init; } = [];

    /// <summary>Proxies whose <c>X-Forwarded-For</c> counts.</summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary>
    /// How the tracker behaves: its bounds, tokens and budgets. What <see cref="Open"/>, <see cref="Network"/>,
    /// <see cref="TrustedProxies"/> and <see cref="AnnounceInterval"/> say stands above it.
    /// </summary>
    public TrackerOptions Tracker { get; init; } = new();

    /// <summary>How often clients are asked to announce; who has not for one and a half of it is forgotten. At most 2 hours.</summary>
    public TimeSpan AnnounceInterval { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>
    /// How long it answers on after it was told to stop, with <c>/readyz</c> saying no: so that who sends it requests can turn
    /// away in time. Default: not at all.
    /// </summary>
    public TimeSpan Drain { get; init; }

    /// <summary>What the process itself uses, put behind the node's own metrics.</summary>
    public Func<IEnumerable<Metric>> ProcessMetrics { get; init; } = static () => [];

    /// <summary>
    /// Where the swarms are kept between a planned end and the next start; null: they are not. A file that cannot be used is said
    /// in a remark, and the node starts with none.
    /// </summary>
    public string? SnapshotPath { get; init; }

    /// <summary>Takes what a person should know and what ends nothing, a sentence each.</summary>
    public Action<string> Remark { get; init; } = static _ => { };

    /// <summary>Told in its record and on its page.</summary>
    public string Software { get; init; } = "anatomic";
}
