using Anatomic.Comparison.Servers;

namespace Anatomic.Comparison.Results;

/// <summary>Collects the servers and scenarios of a run, prints each scenario, and writes the run at its end.</summary>
internal sealed class RunRecorder(RecordingOptions options)
{
    private readonly Dictionary<string, ServerRecord> servers = [];
    private readonly List<ScenarioRecord> scenarios = [];

    public void Add(Server server) =>
        servers[server.Name] = new ServerRecord
        {
            Name = server.Name,
            Version = server.Version,
            Role =
                !server.IsTracker ? ServerRecord.Baseline
                : server.Name is TrackerServers.Anatomic or TrackerServers.Planted ? ServerRecord.Node
                : ServerRecord.Tracker,
        };

    public void Add(ScenarioRecord scenario)
    {
        SummaryTable.Print(scenario);
        scenarios.Add(scenario);
    }

    /// <summary>Writes the run unless the options say not to, or nothing was measured.</summary>
    public void Write()
    {
        if (options.Folder is null || scenarios.Count == 0)
        {
            return;
        }
        var run = new RunRecord
        {
            Schema = RunRecord.CurrentSchema,
            Date = DateTime.UtcNow.ToString("yyyy-MM-dd"),
            Source = RunRecord.Measured,
            Note = options.Note,
            Machine = MachineDescription.Read(options.Machine),
            Servers = [.. servers.Values],
            Scenarios = scenarios,
        };
        Console.WriteLine($"\nwrote {new ResultsFolder(options.Folder).Write(run)}");
    }
}
