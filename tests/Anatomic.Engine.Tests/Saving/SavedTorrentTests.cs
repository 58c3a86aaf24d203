using Anatomic.Engine.Saving;
using Anatomic.Engine.Settings;
using Anatomic.Wire;

namespace Anatomic.Engine.Tests.Saving;

public class SavedTorrentTests
{
    private static readonly Hash20 Key = new([.. Enumerable.Range(1, Hash20.Length).Select(i => (byte)i)]);

    [Fact]
    public void A_record_reads_as_it_was_written()
    {
        var saved = Example();
        var read = SavedTorrent.Read(Key.ToArray(), saved.Write())!;
        read.Write().ShouldBe(saved.Write());
        read.Settings.Goals.ShouldBe(saved.Settings.Goals);
        read.Settings.FilePriorities.ShouldBe(saved.Settings.FilePriorities);
        read.Settings.Trackers!.SelectMany(tier => tier).ShouldBe(["http://a/announce", "udp://b:1/announce"]);
        read.Totals.ShouldBe(saved.Totals);
    }

    [Fact]
    public void A_record_of_an_older_version_reads_with_defaults()
    {
        byte[] record = [.. "d4:name1:n8:settingsd6:folder5:/datae2:v120:"u8, .. Key.ToArray(), .. "e"u8];
        var read = SavedTorrent.Read(Key.ToArray(), record)!;
        read.Settings.Mode.ShouldBe(RunMode.Stopped);
        read.Totals.ShouldBe(new TorrentTotals());
        read.Settings.FilePriorities.ShouldBeNull();
    }

    [Fact]
    public void A_damaged_record_is_not_read()
    {
        var record = Example().Write();
        SavedTorrent.Read(Key.ToArray(), record.AsMemory(0, record.Length - 1)).ShouldBeNull();
        SavedTorrent.Read(Key.ToArray(), "de"u8.ToArray()).ShouldBeNull();
        SavedTorrent.Read("short"u8.ToArray(), record).ShouldBeNull();
    }

    private static SavedTorrent Example() =>
        new()
        {
            Key = Key,
            HashV1 = Key,
            HashV2 = null,
            Name = "holiday",
            Totals = new TorrentTotals
            {
                DownloadedBytes = 1,
                UploadedBytes = 2,
                ActiveTime = TimeSpan.FromSeconds(3),
                SeedingTime = TimeSpan.FromSeconds(4),
            },
            DoneBytes = 5,
            WantedBytes = 6,
            Settings = new TorrentSettings
            {
                Folder = "/data",
                DataPath = "/data/other",
                Name = "renamed",
                Mode = RunMode.Forced,
                FilePriorities = [0, 4, 7],
                Goals = new SeedGoals
                {
                    Ratio = 1.25,
                    Time = TimeSpan.FromHours(1),
                    Idle = TimeSpan.FromMinutes(5),
                },
                Sequential = true,
                Trackers =
                [
                    ["http://a/announce"],
                    ["udp://b:1/announce"],
                ],
                Peers = ["1.2.3.4:6881"],
                AddedAt = new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero),
            },
        };
}
