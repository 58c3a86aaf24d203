using Anatomic.Simulation.Scenarios.Swarms;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Simulation.Scenarios;

/// <summary>The scenarios of the engine alone: one tracker, one seeder and clients.</summary>
public static class SwarmScenarioCatalog
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        .. Enum.GetValues<TorrentFormat>()
            .SelectMany(format =>
                new[] { false, true }.Select(manyFiles => new Scenario(
                    $"{NameOf(format)}-{(manyFiles ? "files" : "file")}",
                    $"Clients with the .torrent file and with the magnet link finish a {NameOf(format)} torrent of "
                        + (manyFiles ? "many files." : "one file."),
                    FormatScenarios.Finish(format, manyFiles)
                ))
            ),
        .. Enum.GetValues<TorrentFormat>()
            .Select(format => new Scenario(
                $"{NameOf(format)}-selected",
                $"A client downloads only the selected files of a {NameOf(format)} torrent.",
                FormatScenarios.Selected(format)
            )),
        new(
            "hybrid-views",
            "Clients that know only one info-hash of a hybrid torrent each finish it.",
            FormatScenarios.HybridByEitherHash
        ),
        new(
            "hybrid-views-alone",
            "Two clients that know different info-hashes of a hybrid torrent share it without the seeder.",
            FormatScenarios.HybridPeersMeetWithoutTheSeeder
        ),
        new(
            "superseed",
            "A superseeding client uploads little more than once until others can go on.",
            FormatScenarios.SuperSeed
        ),
        new("duplicates", "Less than 2 % of the data comes twice.", FormatScenarios.LittleDuplicateData),
        new("sequential", "A sequential download gets its pieces in order.", FormatScenarios.Sequential),
        new("corrupt-peer", "A peer that sends wrong blocks is banned.", HostileScenarios.CorruptPeerIsBanned),
        new(
            "corrupt-among-good",
            "A peer that sends wrong blocks is identified among good peers.",
            HostileScenarios.CorruptPeerAmongGoodOnes
        ),
        new(
            "silent-peer",
            "A peer that never answers requests does not stall a download.",
            HostileScenarios.SilentPeerStallsNothing
        ),
        new(
            "short-blocks",
            "A peer that sends blocks of wrong length stalls nothing.",
            HostileScenarios.ShortBlocksStallNothing
        ),
        new(
            "rejecting-peer",
            "A peer that rejects every request is left alone.",
            HostileScenarios.RejectingPeerIsLeftAlone
        ),
        .. Enum.GetValues<PeerFlood>()
            .Select(flood => new Scenario(
                $"flood-{KebabOf(flood.ToString())}",
                "A peer whose messages cost more than it transfers is dropped and not let in again.",
                FloodScenarios.FloodingPeerIsDropped(flood)
            )),
        new(
            "metadata-tricklers",
            "Peers that trickle metadata do not block a magnet link.",
            HostileScenarios.TricklersDoNotBlockAMagnet
        ),
        new(
            "magnet-selection",
            "A magnet link with a selection that does not exist ends with a reason.",
            HostileScenarios.SelectionIsCheckedAgainstTheMetadata
        ),
        new(
            "crowd",
            "Connections of one host that fill a torrent make room for a seed.",
            ConnectionScenarios.CrowdMakesRoom
        ),
        new("crowd-public", "A public host gets only its share of connections.", ConnectionScenarios.HostGetsItsShare),
        new(
            "silent-connections",
            "Connections without a handshake do not keep others from connecting.",
            ConnectionScenarios.SilentConnectionsBlockNobody
        ),
        new(
            "half-handshake",
            "A handshake is answered as soon as its info-hash is known.",
            ConnectionScenarios.HalfHandshakeIsAnswered
        ),
        new(
            "ban-after-close",
            "A peer that sends wrong data and leaves is banned all the same.",
            ConnectionScenarios.LeavingSavesNobodyFromABan
        ),
        new("limit-down", "A download limit holds and is used fully.", HostileScenarios.DownloadLimitHolds),
        new("limit-up", "An upload limit holds and is used fully.", HostileScenarios.UploadLimitHolds),
        .. Enum.GetValues<TorrentFormat>()
            .SelectMany(format =>
                new[]
                {
                    new Scenario(
                        $"{NameOf(format)}-leechers",
                        $"Two leechers share 100 small files of a {NameOf(format)} torrent.",
                        StorageScenarios.LeechersOfManyFiles(format)
                    ),
                    new Scenario(
                        $"{NameOf(format)}-select-seed",
                        $"A client seeds the one file it selected of a {NameOf(format)} torrent, then gets the rest.",
                        StorageScenarios.SelectThenSeed(format)
                    ),
                }
            ),
        new(
            "foreign-file",
            "A file that is not the torrent's is kept, unless overwriting is allowed.",
            StorageScenarios.ForeignFileIsKept
        ),
        new("file-removed", "A file removed during a download is named and missed.", StorageScenarios.FileTakenAway),
        new("clashing-names", "Names that clash on some disk get files of their own.", StorageScenarios.ClashingNames),
        new(
            "limit-up-metadata",
            "An upload limit counts metadata as well.",
            HostileScenarios.UploadLimitCountsMetadata
        ),
        new(
            "crash-resume",
            "A crash loses only the data that was not flushed.",
            ResumeScenarios.CrashLosesOnlyUnflushedData
        ),
        new("kept-crash", "A kept torrent continues after a crash.", SessionScenarios.KeptTorrentSurvivesACrash),
        new(
            "kept-stopped",
            "A stopped torrent stays stopped over a restart.",
            SessionScenarios.StoppedTorrentStaysStopped
        ),
        new("selection-grows", "Files selected later are downloaded too.", SessionScenarios.SelectionGrows),
        new(
            "full-disk-recovers",
            "A download continues by itself when the full disk has space again.",
            SessionScenarios.FullDiskRecovers
        ),
        new(
            "missing-file",
            "A kept seed names its missing file and does not download it again.",
            SessionScenarios.MissingFileIsAFault
        ),
        new("stream", "A range of a file is read before the download completes.", SessionScenarios.StreamReadsAhead),
        new("move-data", "A download moves to another folder and goes on there.", SessionScenarios.MoveDuringADownload),
        new("skip-check", "Existing data is trusted until the user asks for a check.", SessionScenarios.SkippedCheck),
        new("remove-data", "A removed torrent leaves only the files of others.", SessionScenarios.RemoveWithData),
        new("ratio-goal", "A torrent stops at its ratio goal.", SessionScenarios.RatioGoalStops),
        new("idle-seed", "An idle seed serves a leecher that comes later.", SessionScenarios.IdleSeedWakes),
        new(
            "changed-file",
            "A file that changed while the client was stopped is checked again.",
            ResumeScenarios.ChangedFileIsCheckedAgain
        ),
        new(
            "stop-resume",
            "A download that is stopped and resumed fetches nothing twice.",
            ResumeScenarios.StopAndResume
        ),
        new("events-once", "Each announce event reaches the tracker exactly once.", TrackerScenarios.EventsArriveOnce),
        new(
            "tracker-broken",
            "Clients meet at another tracker when theirs fails.",
            TrackerScenarios.TrackerSourceHelps(TrackerFault.Broken)
        ),
        new(
            "tracker-not-planted",
            "Clients meet at another tracker when theirs does not track the torrent.",
            TrackerScenarios.TrackerSourceHelps(TrackerFault.NotPlanted)
        ),
        new(
            "udp-retransmit",
            "A client repeats unanswered UDP requests after 3 and 5 seconds.",
            TrackerScenarios.UdpIsRetransmitted
        ),
        new(
            "udp-loss",
            "Clients find each other although a third of all datagrams is lost.",
            TrackerScenarios.UdpWithLoss
        ),
        new("v6-http", "A swarm over IPv6 works with an HTTP tracker.", TrackerScenarios.OverV6(overUdp: false)),
        new("v6-udp", "A swarm over IPv6 works with a UDP tracker.", TrackerScenarios.OverV6(overUdp: true)),
        .. new[] { (TorrentFormat.V1, false), (TorrentFormat.V1, true), (TorrentFormat.Hybrid, false) }.Select(each =>
        {
            var (format, overUdp) = each;
            return new Scenario(
                $"interval-{NameOf(format)}{(overUdp ? "-udp" : "")}",
                "A client without peers keeps the interval of its tracker.",
                AnnounceScenarios.IntervalIsKept(format, overUdp)
            );
        }),
        new(
            "min-interval",
            "A client without peers announces early only when the tracker permits it.",
            AnnounceScenarios.MinimumIntervalIsUsedWithoutPeers
        ),
        new(
            "rejection-interval",
            "A client keeps the interval of a rejection.",
            AnnounceScenarios.RejectionIsKept(AnnounceScenarios.FailureReason("8:intervali1200e"), 1200)
        ),
        new(
            "rejection-retry-in",
            "A client keeps the time of a rejection by BEP 31.",
            AnnounceScenarios.RejectionIsKept(AnnounceScenarios.FailureReason("8:retry ini20e"), 1200)
        ),
        new(
            "rejection-429",
            "A client keeps the Retry-After of a tracker that limits it.",
            AnnounceScenarios.RejectionIsKept(new() { Status = 429, RetryAfter = "1200" }, 1200)
        ),
        new(
            "partial-seed",
            "A client that wants a part of a torrent is not announced as a seed.",
            AnnounceScenarios.PartialSeedsAreNotCountedAsSeeds
        ),
        new(
            "private",
            "A private torrent asks nobody but its trackers.",
            AnnounceScenarios.PrivateTorrentAsksOnlyItsTrackers
        ),
        new(
            "private-magnet",
            "A magnet link that turns out private leaves the peers it named.",
            AnnounceScenarios.PrivateMagnetDropsItsPeers
        ),
        new("trackers-edited", "Trackers are replaced while a torrent runs.", AnnounceScenarios.TrackersAreEdited),
        new(
            "silent-tracker",
            "A silent tracker holds back neither other torrents nor other trackers.",
            TrackerServiceScenarios.SilentTrackerHoldsNobodyBack
        ),
        new(
            "families-http",
            "A tracker with both address families is asked over both.",
            TrackerServiceScenarios.BothFamilies(overUdp: false, isV6Silent: false)
        ),
        new(
            "families-udp",
            "A UDP tracker with both address families is asked over both.",
            TrackerServiceScenarios.BothFamilies(overUdp: true, isV6Silent: false)
        ),
        new(
            "families-silent",
            "A silent address family does not fail a UDP tracker.",
            TrackerServiceScenarios.BothFamilies(overUdp: true, isV6Silent: true)
        ),
        new("tiers", "The second tracker tier is used only while the first fails.", TrackerScenarios.TiersInOrder),
    ];

    private static string NameOf(TorrentFormat format) => format.ToString().ToLowerInvariant();

    private static string KebabOf(string name) =>
        string.Concat(name.Select((letter, at) => at > 0 && char.IsUpper(letter) ? $"-{letter}" : $"{letter}"))
            .ToLowerInvariant();
}
