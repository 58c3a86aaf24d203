using Anatomic.Federation.Monitoring;
using Anatomic.Wire;
using Anatomic.Wire.Identity;

namespace Anatomic.Federation.Nodes;

/// <summary>What a node is started with.</summary>
public sealed record NodeOptions
{
    public NetworkOptions Network { get; init; } = new();

    /// <summary>Base urls that others reach it by; empty: the address that a supernode sees is adopted, with <see cref="HttpPort"/>.</summary>
    public IReadOnlyList<Uri> PublicUrls { get; init; } = [];

    /// <summary>The port of the HTTP server really bound; for the adopted url.</summary>
    public required int HttpPort { get; init; }

    /// <summary>The port of the UDP tracker that others reach; 0: none.</summary>
    public int UdpPort { get; init; }

    /// <summary>Supernodes to register at; none: the node answers, but nobody finds it.</summary>
    public IReadOnlyList<SupernodeAddress> Supernodes { get; init; } = [];

    /// <summary>The name of its store, so that several nodes can live in one process.</summary>
    public string Store { get; init; } = "plants";

    /// <summary>The private scalar of 32 bytes; the node's identity.</summary>
    public required ReadOnlyMemory<byte> Key { get; init; }

    /// <summary>1–4: draws in placement.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>Zero bits of work demanded beyond the network's floor, 0–6.</summary>
    public int ExtraWork { get; init; }

    /// <summary>The tracker serves torrents that nobody planted, too; shown on the status page.</summary>
    public bool Open { get; init; }

    /// <summary>Swarms refused by the operator: asked at every plant, so that it may be reloaded while the node runs.</summary>
    public Func<Hash20, bool> IsDenied { get; init; } = static _ => false;

    /// <summary>Null: all are allowed; else only those for which it says yes.</summary>
    public Func<Hash20, bool>? IsAllowed { get; init; }

    /// <summary>Empty: everybody may plant; else only who sends one of these as <c>authorization: Bearer</c>.</summary>
    public IReadOnlyList<string> Tokens { get; init; } = [];

    /// <summary>Most orders held.</summary>
    public int MaxPlants { get; init; } = 1_000_000;

    /// <summary>Orders taken of one source prefix (/24, /48) an hour, in public networks.</summary>
    public int PlantsPerPrefixPerHour { get; init; } = 200;

    /// <summary>A plant without a peer for so long expires.</summary>
    public TimeSpan PlantIdle { get; init; } = FederationLimits.DefaultPlantIdle;

    /// <summary>Name and version for the record and the status page.</summary>
    public string Software { get; init; } = "Anatomic";

    /// <summary>The tracker's figures, for the status page.</summary>
    public Func<TrackerReading> Tracker { get; init; } = static () => new TrackerReading();

    /// <summary>Metrics of the tracker and the process, put behind the node's own.</summary>
    public Func<IEnumerable<Metric>> MoreMetrics { get; init; } = static () => [];
}
