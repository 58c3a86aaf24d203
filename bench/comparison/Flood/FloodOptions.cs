using Anatomic.Comparison.CommandLine;

namespace Anatomic.Comparison.Flood;

/// <summary>How the flood runs.</summary>
internal sealed record FloodOptions
{
    public required int Datagrams { get; init; }

    public required int Requests { get; init; }

    /// <summary>Most hostile datagrams a second; 0: as fast as one core sends them.</summary>
    public required double Pace { get; init; }

    /// <summary>Announces of the good client a second.</summary>
    public required double Good { get; init; }

    /// <summary>How long the good client is alone before.</summary>
    public required TimeSpan Quiet { get; init; }

    /// <summary>The path of <c>anatomic.dll</c>.</summary>
    public required string Node { get; init; }

    public static FloodOptions Read(Arguments arguments) =>
        new()
        {
            Datagrams = arguments.Count("--datagrams", 10_000_000, 1000, int.MaxValue),
            Requests = arguments.Count("--requests", 1_000_000, 100, int.MaxValue),
            Pace = arguments.Number("--pace", 0, 0, 1e7),
            Good = arguments.Number("--good", 200, 1, 10_000),
            Quiet = TimeSpan.FromSeconds(arguments.Number("--seconds", 5, 0.2, 600)),
            Node = arguments.Text("--node") ?? Servers.Programs.Anatomic,
        };
}
