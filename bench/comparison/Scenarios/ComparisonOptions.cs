using Anatomic.Comparison.CommandLine;

namespace Anatomic.Comparison.Scenarios;

/// <summary>The flags of the comparison.</summary>
internal sealed record ComparisonOptions
{
    /// <summary>Parts of the names of scenarios; empty selects all of them.</summary>
    public required IReadOnlyList<string> Only { get; init; }

    public required int Rounds { get; init; }

    /// <summary>The length of one round.</summary>
    public required TimeSpan Time { get; init; }

    public required int Peers { get; init; }

    public required int Torrents { get; init; }

    /// <summary>Checks every peer of every reply.</summary>
    public required bool Verify { get; init; }

    /// <summary>The path of <c>anatomic.dll</c>.</summary>
    public required string Node { get; init; }

    /// <summary>The path of a second build of opentracker; null for none.</summary>
    public required string? Opentracker { get; init; }

    /// <summary>
    /// A folder that keeps the orders of <see cref="PlantedMemoryScenario"/>, which take minutes to sign; null creates
    /// them for one run only.
    /// </summary>
    public required string? Orders { get; init; }

    public static ComparisonOptions Read(Arguments arguments) =>
        new()
        {
            Only = (arguments.Text("--only") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries),
            Rounds = arguments.Count("--rounds", 5, 1, 1000),
            Time = TimeSpan.FromSeconds(arguments.Number("--seconds", 2, 0.1, 3600)),
            Peers = arguments.Count("--peers", 1_000_000, 1000, 4_000_000),
            Torrents = arguments.Count("--torrents", 10_000, 100, 1_000_000),
            Verify = arguments.Has("--verify"),
            Orders = arguments.Text("--orders"),
            Opentracker = arguments.Text("--opentracker"),
            Node = arguments.Text("--node") ?? Servers.ProgramPaths.Anatomic,
        };
}
