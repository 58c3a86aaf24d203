using Anatomic.Comparison.CommandLine;

namespace Anatomic.Comparison.Scenarios;

/// <summary>How the comparison runs.</summary>
internal sealed record ComparisonOptions
{
    /// <summary>Parts of names; empty: every scenario.</summary>
    public required IReadOnlyList<string> Only { get; init; }

    public required int Rounds { get; init; }

    public required TimeSpan Time { get; init; }

    public required int Peers { get; init; }

    public required int Torrents { get; init; }

    public required bool Verify { get; init; }

    /// <summary>The path of <c>anatomic.dll</c>.</summary>
    public required string Node { get; init; }

    /// <summary>The path of one more build of opentracker; null: there is none but the system's.</summary>
    public required string? Opentracker { get; init; }

    /// <summary>A folder for the orders of <see cref="PlantedMemory"/>, which take minutes to sign; null: they are made anew.</summary>
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
            Node = arguments.Text("--node") ?? Servers.Programs.Anatomic,
        };
}
