using System.Net;
using Anatomic.Federation.Monitoring;
using Anatomic.Federation.Supernodes;
using Anatomic.Wire;

namespace Anatomic.Hosting;

/// <summary>What a supernode is composed from.</summary>
public sealed record SupernodeHostOptions
{
    /// <summary>Where it answers HTTP; at least one, port 0 takes a free one.</summary>
    public required IReadOnlyList<Endpoint> Listen { get; init; }

    /// <inheritdoc cref="NodeHostOptions.UnixPaths"/>
    public IReadOnlyList<string> UnixPaths { get; init; } = [];

    /// <inheritdoc cref="NodeHostOptions.TrustedProxies"/>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary>
    /// The supernode itself. Without a public URL on a private network it is known by the first address that it listens on.
    /// </summary>
    public SupernodeOptions Supernode { get; init; } = new();

    /// <inheritdoc cref="NodeHostOptions.ProcessMetrics"/>
    public Func<IEnumerable<Metric>> ProcessMetrics { get; init; } = static () => [];

    /// <inheritdoc cref="NodeHostOptions.Drain"/>
    public TimeSpan Drain { get; init; }
}
