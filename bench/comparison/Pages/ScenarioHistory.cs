using Anatomic.Comparison.Results;

namespace Anatomic.Comparison.Pages;

/// <summary>A scenario in one run.</summary>
internal readonly record struct ScenarioRun(RunRecord Run, ScenarioRecord Scenario);

/// <summary>All runs of one scenario.</summary>
/// <param name="Shown">The newest run with a value to chart; without one, the newest run.</param>
/// <param name="Others">The other runs, newest first.</param>
internal sealed record ScenarioHistory(ScenarioRun Shown, IReadOnlyList<ScenarioRun> Others)
{
    /// <param name="runs">Oldest first; at least one has the scenario.</param>
    public static ScenarioHistory Of(string name, PageSection section, IReadOnlyList<StoredRun> runs)
    {
        var found = (
            from stored in runs.Reverse()
            from scenario in stored.Run.Scenarios
            where scenario.Name == name
            select new ScenarioRun(stored.Run, scenario)
        ).ToList();
        var shown = Math.Max(0, found.FindIndex(run => section.ChartedMetrics(run.Scenario).Any()));
        return new ScenarioHistory(found[shown], [.. found.Where((_, at) => at != shown)]);
    }
}
