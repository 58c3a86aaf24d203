using System.Net;
using Anatomic.Federation.Monitoring;
using Anatomic.Federation.Supernodes;
using Anatomic.Wire;

namespace Anatomic.Hosting;

/// <summary>Options of a supernode.</summary>
public sealed record SupernodeHostOptions
{
    /// <summary>Addresses that serve HTTP. At least one; port 0 takes a free port.</summary>
    public required IReadOnlyList<Endpoint> Listen { get; init; }

    /// <inheritdoc cref="NodeHostOptions.UnixPaths"/>
    public IReadOnlyList<string> UnixPaths { get; init; } = [];

    /// <inheritdoc cref="NodeHostOptions.TrustedProxies"/>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary>
    /// Options of the service. On a private network, a missing public URL becomes that of the first listen address.
    /// </summary>
    public SupernodeOptions Supernode { get; init; } = new();

    /// <inheritdoc cref="NodeHostOptions.ProcessMetrics"/>
    public Func<IEnumerable<Metric>> ProcessMetrics { get; init; } = static () => [];

    /// <inheritdoc cref="NodeHostOptions.Drain"/>
    public TimeSpan Drain { get; init; }
}
