using Anatomic.Federation.Monitoring;

namespace Anatomic.Federation.Supernodes;

/// <summary>The options of a supernode.</summary>
public sealed record SupernodeOptions
{
    /// <summary>The network's name. It is private exactly when it starts with <c>local-</c>.</summary>
    public string Network { get; init; } = "main";

    /// <summary>
    /// The supernode's public URL (<c>http://host:port/</c>), which its record contains. Null: no directory lists it
    /// and no supernode asks it about a hash, but it answers everyone who knows its address.
    /// </summary>
    public Uri? PublicUrl { get; init; }

    /// <summary>Supernodes to exchange records with, as <c>URL</c> or <c>URL#id</c>.</summary>
    public IReadOnlyList<string> Peers { get; init; } = [];

    /// <summary>
    /// How long a node must be known before planters are sent to it. Null: a day on public networks, no time on private
    /// ones.
    /// </summary>
    public TimeSpan? Probation { get; init; }

    /// <summary>The name of its store, so that several supernodes can run in one process.</summary>
    public string Store { get; init; } = "supernode";

    /// <summary>The name and version in its record and on its pages.</summary>
    public string Software { get; init; } = "anatomic";

    /// <summary>Metrics of the process, which follow the supernode's own.</summary>
    public Func<IEnumerable<Metric>> MoreMetrics { get; init; } = static () => [];
}
