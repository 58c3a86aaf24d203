namespace Anatomic.Architecture.Tests;

/// <param name="From">The room that refers, without the prefix <c>Anatomic.</c>.</param>
/// <param name="To">The room that is referred to.</param>
/// <param name="Because">Why it needs it; a reference without a reason is not allowed.</param>
public sealed record AllowedReference(string From, string To, string Because);

/// <summary>
/// Which room may use which. A project file has exactly these references, and its assembly uses each.
/// </summary>
public static class AllowedReferences
{
    /// <summary>The rooms, from the lowest to the highest.</summary>
    public static readonly IReadOnlyList<string> Rooms =
    [
        "Wire",
        "World",
        "Machine",
        "Tracker",
        "Federation",
        "Engine",
        "Hosting",
        "Simulation",
        "Daemon",
        "Cli",
    ];

    /// <summary>The rows: from, to, and the reason.</summary>
    public static readonly IReadOnlyList<AllowedReference> Table =
    [
        new("World", "Wire", "an endpoint is a wire format, and the network's contracts speak of endpoints"),
        new("Machine", "Wire", "sockets turn addresses into endpoints; macOS needs the curve's multiplication"),
        new("Machine", "World", "it implements the contracts"),
        new("Tracker", "Wire", "announces and scrapes are decoded and encoded"),
        new("Tracker", "World", "its handlers are called by the machine's loops"),
        new("Federation", "Wire", "signed items are decoded and encoded"),
        new("Federation", "World", "services talk, store and wait through the world"),
        new("Engine", "Wire", "metainfo, peer messages and tracker replies are decoded and encoded"),
        new("Engine", "World", "sessions dial, read, write and hash through the world"),
        new("Hosting", "Engine", "a client is a session with its sources of peers"),
        new("Hosting", "Federation", "a node is a node service over a tracker; a supernode is a supernode service"),
        new("Hosting", "Tracker", "a node is a node service over a tracker"),
        new("Hosting", "Wire", "what is composed is named by endpoints and hashes"),
        new("Hosting", "World", "it composes for a given world"),
        new("Simulation", "Hosting", "what is simulated is what is shipped"),
        new("Simulation", "Engine", "checkers look at the state of torrents"),
        new("Simulation", "Federation", "checkers look at plants and records"),
        new("Simulation", "Tracker", "checkers look at swarms"),
        new("Simulation", "Wire", "scenarios make torrents"),
        new("Simulation", "World", "it implements the contracts"),
        new("Daemon", "Wire", "it names torrents by their hashes"),
        new("Daemon", "World", "it keeps its state through the world"),
        new("Cli", "Machine", "the program runs on the real world"),
        new("Cli", "Hosting", "node, supernode, plant, get and seed are verbs"),
        new("Cli", "Engine", "create, verify and progress show the engine's figures"),
        new("Cli", "Federation", "plant shows the planter's steps"),
        new("Cli", "Tracker", "node's options are the tracker's"),
        new("Cli", "Wire", "info shows what the formats hold"),
        new("Cli", "World", "it hands the world to the composition"),
    ];

    /// <summary>Packages, and the rooms that may use them: outside these, the base library does.</summary>
    public static readonly IReadOnlyList<AllowedReference> Packages =
    [
        new("Machine", "Microsoft.Data.Sqlite.Core", "durable stores"),
        new("Machine", "SQLitePCLRaw.bundle_e_sqlite3", "SQLite itself, the same on every system"),
        new("Cli", "System.CommandLine", "verbs, flags and their help"),
        new("Cli", "Spectre.Console", "live progress and the wizard"),
        new("Cli", "OpenTelemetry.Exporter.OpenTelemetryProtocol", "metrics to a collector"),
    ];
}
