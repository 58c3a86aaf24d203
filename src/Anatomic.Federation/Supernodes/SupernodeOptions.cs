using Anatomic.Federation.Monitoring;

namespace Anatomic.Federation.Supernodes;

/// <summary>What a supernode is started with.</summary>
public sealed record SupernodeOptions
{
    /// <summary>The network's name; private exactly when it starts with <c>local-</c>.</summary>
    public string Network { get; init; } = "main";

    /// <summary>
    /// How others reach this supernode (<c>http://host:port/</c>), told in its record. Null: it is in no directory and nobody
    /// asks it on behalf of a hash, but it answers whoever knows its address.
    /// </summary>
    public Uri? PublicUrl { get; init; }

    /// <summary>Supernodes to exchange records with, as <c>URL</c> or <c>URL#id</c>.</summary>
    public IReadOnlyList<string> Peers { get; init; } = [];

    /// <summary>
    /// How long a node must have been known before it is chosen. Null: a day on public networks, none on private ones.
    /// </summary>
    public TimeSpan? Probation { get; init; }

    /// <summary>The name of its store, so that several supernodes can live in one process.</summary>
    public string Store { get; init; } = "supernode";

    /// <summary>Told in its record and on its pages.</summary>
    public string Software { get; init; } = "anatomic";

    /// <summary>Metrics of the process, put behind the supernode's own.</summary>
    public Func<IEnumerable<Metric>> MoreMetrics { get; init; } = static () => [];
}
