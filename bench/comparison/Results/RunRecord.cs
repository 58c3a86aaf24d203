namespace Anatomic.Comparison.Results;

/// <summary>One run: the content of a file in bench/results. bench/README.md documents the schema.</summary>
internal sealed record RunRecord
{
    public const int CurrentSchema = 1;

    /// <summary>The source of a run that this program measured itself.</summary>
    public const string Measured = "measured";

    public required int Schema { get; init; }

    /// <summary>The UTC date, as yyyy-MM-dd.</summary>
    public required string Date { get; init; }

    /// <summary><see cref="Measured"/>, or where the values were transcribed from.</summary>
    public required string Source { get; init; }

    /// <summary>What a reader must know to judge the values, for example that the machine was shared.</summary>
    public string? Note { get; init; }

    public required MachineRecord Machine { get; init; }

    public required IReadOnlyList<ServerRecord> Servers { get; init; }

    public required IReadOnlyList<ScenarioRecord> Scenarios { get; init; }
}

/// <summary>The machine of a run.</summary>
internal sealed record MachineRecord
{
    /// <summary>A short name; part of the name of the file.</summary>
    public required string Name { get; init; }

    public required string Cpu { get; init; }

    public int? Cores { get; init; }

    public string? Kernel { get; init; }

    /// <summary>The version of .NET; null if it was not noted.</summary>
    public string? Runtime { get; init; }
}

/// <summary>A server that took part in a run.</summary>
internal sealed record ServerRecord
{
    /// <summary>This node: the ratios are its median divided by that of each other server.</summary>
    public const string Node = "node";

    /// <summary>Another tracker.</summary>
    public const string Tracker = "tracker";

    /// <summary>A server that only responds and shows the limits of the machine.</summary>
    public const string Baseline = "baseline";

    public required string Name { get; init; }

    /// <summary><see cref="Node"/>, <see cref="Tracker"/> or <see cref="Baseline"/>.</summary>
    public required string Role { get; init; }

    public string? Version { get; init; }
}
