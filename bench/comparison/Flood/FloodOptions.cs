using Anatomic.Comparison.CommandLine;

namespace Anatomic.Comparison.Flood;

/// <summary>The flags of the flood.</summary>
internal sealed record FloodOptions
{
    /// <summary>Hostile datagrams in total.</summary>
    public required int Datagrams { get; init; }

    /// <summary>Hostile HTTP requests in total.</summary>
    public required int Requests { get; init; }

    /// <summary>Maximum of hostile datagrams per second; 0 means as fast as one core can send.</summary>
    public required double Pace { get; init; }

    /// <summary>Announces of the probe client per second.</summary>
    public required double ProbeRate { get; init; }

    /// <summary>How long the probe client runs alone beforehand.</summary>
    public required TimeSpan Quiet { get; init; }

    /// <summary>The path of <c>anatomic.dll</c>.</summary>
    public required string Node { get; init; }

    public static FloodOptions Read(Arguments arguments) =>
        new()
        {
            Datagrams = arguments.Count("--datagrams", 10_000_000, 1000, int.MaxValue),
            Requests = arguments.Count("--requests", 1_000_000, 100, int.MaxValue),
            Pace = arguments.Number("--pace", 0, 0, 1e7),
            ProbeRate = arguments.Number("--good", 200, 1, 10_000),
            Quiet = TimeSpan.FromSeconds(arguments.Number("--seconds", 5, 0.2, 600)),
            Node = arguments.Text("--node") ?? Servers.ProgramPaths.Anatomic,
        };
}
