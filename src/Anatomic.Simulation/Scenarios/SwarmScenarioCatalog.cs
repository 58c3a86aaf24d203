using Anatomic.Simulation.Scenarios.Swarms;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Simulation.Scenarios;

/// <summary>The scenarios of the engine alone.</summary>
public static class SwarmScenarioCatalog
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        .. Enum.GetValues<TorrentFormat>()
            .SelectMany(format =>
                new[] { false, true }.Select(many => new Scenario(
                    $"{Name(format)}-{(many ? "files" : "file")}",
                    $"a {Name(format)} torrent of {(many ? "many files" : "one file")}, by file and by magnet link",
                    FormatScenarios.Finish(format, many)
                ))
            ),
        .. Enum.GetValues<TorrentFormat>()
            .Select(format => new Scenario(
                $"{Name(format)}-selected",
                $"some files of a {Name(format)} torrent",
                FormatScenarios.Selected(format)
            )),
        new("hybrid-views", "clients know a hybrid by one id each", FormatScenarios.TwoViewsOfOneHybrid),
        new("hybrid-views-alone", "and meet without the seeder", FormatScenarios.ViewsMeetWithoutTheSeeder),
        new("sequential", "pieces come in their order", FormatScenarios.Sequential),
        new("corrupt-peer", "a peer of wrong blocks is banned", HostileScenarios.CorruptPeerIsBanned),
        new("corrupt-among-good", "and found out among good ones", HostileScenarios.CorruptPeerAmongGoodOnes),
        new("silent-peer", "a peer that answers no request stalls nothing", HostileScenarios.SilentPeerStallsNothing),
        new("limit-down", "a download limit holds and is used", HostileScenarios.DownloadLimitHolds),
        new("limit-up", "an upload limit holds and is used", HostileScenarios.UploadLimitHolds),
        new("crash-resume", "a crash loses only what was not flushed", ResumeScenarios.CrashLosesOnlyWhatWasNotFlushed),
        new("changed-file", "a changed file is checked again", ResumeScenarios.ChangedFileIsCheckedAgain),
        new("stop-resume", "stopped and started, nothing is fetched twice", ResumeScenarios.StoppedGoesOn),
        new("events-once", "each event reaches the tracker once", TrackerScenarios.EventsComeOnce),
        new(
            "finder-broken",
            "the finder helps when the tracker is broken",
            TrackerScenarios.FinderLeadsOn(TrackerFault.Broken)
        ),
        new(
            "finder-unplanted",
            "the finder helps when nothing is planted",
            TrackerScenarios.FinderLeadsOn(TrackerFault.NotPlanted)
        ),
        new("udp-again", "a UDP tracker is asked again after 3 and 5 s", TrackerScenarios.UdpIsSentAgain),
        new("udp-loss", "a third of the datagrams is lost", TrackerScenarios.UdpWithLoss),
        new("v6-http", "a swarm over IPv6 with an HTTP tracker", TrackerScenarios.OverV6(overUdp: false)),
        new("v6-udp", "a swarm over IPv6 with a UDP tracker", TrackerScenarios.OverV6(overUdp: true)),
        new("tiers", "tiers of trackers are asked in their order", TrackerScenarios.TiersInTheirOrder),
    ];

    private static string Name(TorrentFormat format) => format.ToString().ToLowerInvariant();
}
