using Anatomic.Simulation.Scenarios.EndToEnd;

namespace Anatomic.Simulation.Scenarios;

/// <summary>All scenarios: whole networks here, the engine alone in <see cref="SwarmScenarioCatalog"/>.</summary>
public static class ScenarioCatalog
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("finish", "Five leechers finish with files equal to the seeder's.", DownloadScenarios.AllFinish),
        new("node-dies", "All leechers finish although a node crashes meanwhile.", DownloadScenarios.NodeCrashes),
        new(
            "supernode-dies",
            "All leechers finish although the torrent's only supernode crashes after planting.",
            DownloadScenarios.SupernodeCrashesAfterPlanting
        ),
        new(
            "leecher-crashes",
            "A leecher that crashes twice resumes without claiming a wrong piece.",
            DownloadScenarios.LeecherCrashesAndResumes
        ),
        new(
            "full-disk",
            "A full disk stops one leecher, and the others finish.",
            DownloadScenarios.FullDiskStopsOneLeecher
        ),
        new(
            "supernode-rebuilt",
            "A supernode that lost its disk rebuilds its index from the nodes.",
            FederationScenarios.SupernodeIsRebuiltFromNodes
        ),
        new(
            "node-restarts",
            "A node keeps its plants across a crash and a restart.",
            FederationScenarios.NodeKeepsItsPlants
        ),
        new(
            "peers-meet",
            "Clients that announce to different nodes find each other within 2 seconds.",
            FederationScenarios.PeersMeetAcrossNodes
        ),
        new(
            "every-supernode",
            "Every supernode resolves an info-hash right after planting.",
            FederationScenarios.EverySupernodeFindsAPlant
        ),
        new(
            "node-rejects",
            "The planter skips a node that rejects the order and uses the next candidate.",
            FederationScenarios.RejectingNodeIsSkipped
        ),
        new(
            "crash-planting",
            "A node that crashes at any moment of planting keeps every order it gave a receipt for.",
            DurabilityScenarios.PlantingSurvivesCrashes
        ),
        new(
            "damaged-store",
            "A node detects its damaged store at startup and recovers the lost orders.",
            DurabilityScenarios.DamagedStoreIsRepaired
        ),
        new(
            "supernode-restarts",
            "A supernode answers from its durable cache after a restart.",
            DurabilityScenarios.SupernodeAnswersFromItsCache
        ),
        new(
            "full-disks",
            "Full disks of a node and a supernode lose no data and stop no service.",
            DurabilityScenarios.FullDisksStopNothing
        ),
        new(
            "all-reject",
            "Planting leaves nothing behind when all nodes reject the order.",
            FederationScenarios.NothingRemainsWhenAllReject
        ),
        .. SwarmScenarioCatalog.All,
        .. CrowdScenarioCatalog.All,
    ];

    /// <summary>The scenario with this name, or null.</summary>
    public static Scenario? Find(string name) =>
        All.FirstOrDefault(scenario => string.Equals(scenario.Name, name, StringComparison.Ordinal));
}
