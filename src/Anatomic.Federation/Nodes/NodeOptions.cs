using Anatomic.Federation.Monitoring;
using Anatomic.Wire;
using Anatomic.Wire.Identity;

namespace Anatomic.Federation.Nodes;

/// <summary>The options of a node.</summary>
public sealed record NodeOptions
{
    public NetworkOptions Network { get; init; } = new();

    /// <summary>
    /// The node's public base URLs. Empty: the node adopts the address that a supernode sees, with its
    /// <see cref="HttpPort"/>.
    /// </summary>
    public IReadOnlyList<Uri> PublicUrls { get; init; } = [];

    /// <summary>The port that the HTTP server has bound; part of an adopted URL.</summary>
    public required int HttpPort { get; init; }

    /// <summary>The public port of the UDP tracker; 0: none.</summary>
    public int UdpPort { get; init; }

    /// <summary>Supernodes to register with. Without any, the node answers but nobody finds it.</summary>
    public IReadOnlyList<SupernodeAddress> Supernodes { get; init; } = [];

    /// <summary>The name of its store, so that several nodes can run in one process.</summary>
    public string Store { get; init; } = "plants";

    /// <summary>The private key of 32 bytes, which is the node's identity.</summary>
    public required ReadOnlyMemory<byte> Key { get; init; }

    /// <summary>The number of draws in placement, 1–4.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>Zero bits of work required beyond the network's floor, 0–6.</summary>
    public int ExtraWork { get; init; }

    /// <summary>Whether the tracker also serves torrents that are not planted; the status page shows it.</summary>
    public bool Open { get; init; }

    /// <summary>
    /// The operator's deny list. It is asked for every plant, so it may be reloaded while the node runs.
    /// </summary>
    public Func<Hash20, bool> IsDenied { get; init; } = static _ => false;

    /// <summary>The operator's allow list; null: every torrent is allowed.</summary>
    public Func<Hash20, bool>? IsAllowed { get; init; }

    /// <summary>
    /// Access tokens. Empty: anyone may plant. Otherwise planters must send one of these as <c>authorization:
    /// Bearer</c>.
    /// </summary>
    public IReadOnlyList<string> Tokens { get; init; } = [];

    /// <summary>The maximum number of orders held.</summary>
    public int MaxPlants { get; init; } = 1_000_000;

    /// <summary>Orders accepted per source prefix (/24, /48) and hour in public networks.</summary>
    public int PlantsPerPrefixPerHour { get; init; } = 200;

    /// <summary>Time without a peer after which a plant expires.</summary>
    public TimeSpan PlantIdle { get; init; } = FederationLimits.DefaultPlantIdle;

    /// <summary>The name and version in the record and on the status page.</summary>
    public string Software { get; init; } = "Anatomic";

    /// <summary>Reads the tracker's statistics for the status page.</summary>
    public Func<TrackerReading> Tracker { get; init; } = static () => new TrackerReading();

    /// <summary>Metrics of the tracker and the process, which follow the node's own.</summary>
    public Func<IEnumerable<Metric>> MoreMetrics { get; init; } = static () => [];
}
