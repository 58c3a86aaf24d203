using Anatomic.Wire.Network;

namespace Anatomic.Federation.Planting;

/// <summary>How a torrent is planted.</summary>
public sealed record PlantOptions
{
    /// <summary>The network's name; private exactly when it starts with <c>local-</c>.</summary>
    public string Network { get; init; } = "main";

    /// <summary>How many nodes shall hold the torrent, 1–12.</summary>
    public int Nodes { get; init; } = NetworkLimits.DefaultWant;

    /// <summary>Supernodes as <c>URL#id</c>; the id may be left out on private networks only.</summary>
    public IReadOnlyList<string> Supernodes { get; init; } = [];

    /// <summary>Puts the network's trackers in the place of the torrent's own instead of behind them.</summary>
    public bool ReplaceTrackers { get; init; }

    /// <summary>Plants a private torrent (BEP 27) too; without it that is refused, since its tracker forbids others.</summary>
    public bool PrivateOk { get; init; }

    /// <summary>
    /// Puts the new file where it belongs, in one step (<see cref="Anatomic.World.DiskExtensions.ReplaceAsync"/>). When it fails, the
    /// plant is taken back, and its exception comes out. Null: the caller has other uses for the result.
    /// </summary>
    public Func<PlantResult, CancellationToken, Task>? Write { get; init; }
}
