using Anatomic.Simulation.Scenarios.EndToEnd;

namespace Anatomic.Simulation.Scenarios;

/// <param name="Name">Short and stable: what a person asks for.</param>
/// <param name="About">One sentence.</param>
/// <param name="Run">The scenario.</param>
public sealed record Scenario(string Name, string About, Func<Simulator, Task> Run);

/// <summary>Every scenario there is.</summary>
public static class ScenarioCatalog
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("finish", "five leechers finish with equal files", DownloadScenarios.AllFinish),
        new("node-dies", "a node dies while they download", DownloadScenarios.NodeDiesInTheMiddle),
        new(
            "supernode-dies",
            "the only supernode that the torrent names dies after planting",
            DownloadScenarios.SupernodeDiesAfterPlanting
        ),
        new(
            "leecher-crashes",
            "a leecher crashes twice and claims no wrong piece",
            DownloadScenarios.LeecherCrashesAndResumes
        ),
        new("full-disk", "a full disk stops one leecher only", DownloadScenarios.FullDiskStopsOneOnly),
        new(
            "supernode-rebuilt",
            "a supernode that lost its disk is rebuilt from the nodes",
            FederationScenarios.SupernodeIsRebuiltFromNodes
        ),
        new("node-restarts", "a node restarts and keeps its plants", FederationScenarios.NodeKeepsItsPlants),
        new(
            "peers-meet",
            "clients of different nodes find each other within 2 s",
            FederationScenarios.PeersMeetAcrossNodes
        ),
        new(
            "every-supernode",
            "a hash resolves at every supernode after planting",
            FederationScenarios.EverySupernodeFindsAPlant
        ),
        new(
            "node-refuses",
            "a node that refuses is passed over for the next",
            FederationScenarios.RefusingNodeIsPassedOver
        ),
        new(
            "crash-planting",
            "a node that crashes at any moment of planting keeps what it gave a receipt for",
            DurabilityScenarios.PlantingSurvivesCrashes
        ),
        new(
            "damaged-store",
            "a node finds a damaged store at its start and gets its orders back",
            DurabilityScenarios.DamagedStoreIsRepaired
        ),
        new(
            "supernode-restarts",
            "a supernode restarts and answers from its durable cache",
            DurabilityScenarios.SupernodeAnswersFromItsCache
        ),
        new(
            "full-disks",
            "full disks of a node and a supernode lose nothing and stop nothing",
            DurabilityScenarios.FullDisksStopNothing
        ),
        new("all-refuse", "nothing stays when all nodes refuse", FederationScenarios.NothingStaysWhenAllRefuse),
        .. SwarmScenarioCatalog.All,
    ];

    /// <summary>Null when there is none of this name.</summary>
    public static Scenario? Find(string name) =>
        All.FirstOrDefault(scenario => string.Equals(scenario.Name, name, StringComparison.Ordinal));
}
