using Anatomic.Comparison.CommandLine;

namespace Anatomic.Comparison.Results;

/// <summary>Where a run is recorded, and what is noted about it.</summary>
internal sealed record RecordingOptions
{
    /// <summary>Null: the run is not written.</summary>
    public required string? Folder { get; init; }

    /// <summary>Null: the name comes from the processor.</summary>
    public required string? Machine { get; init; }

    public required string? Note { get; init; }

    public static RecordingOptions Read(Arguments arguments)
    {
        var folder = arguments.Text("--results") ?? ResultsFolder.DefaultPath;
        return new RecordingOptions
        {
            Folder = arguments.Has("--no-results") ? null : folder,
            Machine = arguments.Text("--machine"),
            Note = arguments.Text("--note"),
        };
    }
}
