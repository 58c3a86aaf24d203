using Anatomic.Wire;

namespace Anatomic.Federation.Planting;

/// <summary>Options of planting a torrent.</summary>
public sealed record PlantOptions
{
    /// <summary>The network's name. It is private exactly when it starts with <c>local-</c>.</summary>
    public string Network { get; init; } = "main";

    /// <summary>The number of nodes that should hold the torrent, 1–12.</summary>
    public int Nodes { get; init; } = NetworkLimits.DefaultWant;

    /// <summary>Supernode addresses <c>URL#id</c>. Only private networks allow omitting the id.</summary>
    public IReadOnlyList<string> Supernodes { get; init; } = [];

    /// <summary>Replaces the torrent's own trackers instead of adding the network's after them.</summary>
    public bool ReplaceTrackers { get; init; }

    /// <summary>
    /// Allows planting a private torrent (BEP 27), although its peers should come from its own trackers only.
    /// </summary>
    public bool PrivateOk { get; init; }

    /// <summary>
    /// Writes the new file atomically (<see cref="Anatomic.World.DiskExtensions.ReplaceAsync"/>). When it throws, the
    /// plant is rolled back and the exception is passed on. Null: the caller uses the result in another way.
    /// </summary>
    public Func<PlantResult, CancellationToken, Task>? Write { get; init; }
}
