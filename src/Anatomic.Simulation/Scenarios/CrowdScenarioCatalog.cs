using Anatomic.Simulation.Scenarios.Swarms;

namespace Anatomic.Simulation.Scenarios;

/// <summary>The scenarios of large swarms; each takes seconds, so tests run few seeds of them.</summary>
public static class CrowdScenarioCatalog
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("crowd-equal", "Twenty leechers on equal lines finish close to the optimum.", CrowdScenarios.EqualLines),
        new("crowd-riders", "Leechers that give finish before those that only take.", CrowdScenarios.FreeRiders),
        new("crowd-routers", "A swarm finishes although most cannot be dialled.", CrowdScenarios.BehindRouters),
        new("crowd-churn", "A swarm finishes although a third leaves and comes back.", CrowdScenarios.Churn),
        new(
            "crowd-hundred",
            "A hundred leechers finish with loss, latency, churn, routers and free-riders.",
            CrowdScenarios.Hundred
        ),
    ];
}
