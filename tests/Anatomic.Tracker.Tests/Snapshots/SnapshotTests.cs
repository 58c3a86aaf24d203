using Anatomic.Tracker.Policy;
using Anatomic.Tracker.Snapshots;
using Anatomic.Wire.Network;
using Anatomic.Wire.Trackers;
using Anatomic.World;
using static Anatomic.Tracker.Tests.TestTracker;

namespace Anatomic.Tracker.Tests.Snapshots;

public class SnapshotTests
{
    private const string Path = "/state/swarms.snapshot";
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly TestDisk disk = new();

    [Fact]
    public async Task A_saved_swarm_is_restored()
    {
        var before = new TestTracker(new TrackerOptions { Open = true });
        before.Announce(V4(1));
        before.Announce(V4(1), seed: true, reason: AnnounceEvent.Completed);
        before.Announce(V6(2), reason: AnnounceEvent.Paused);
        before.Announce(V4(3), swarm: HashOf(2));
        var announced = before.Service.LastAnnounce(Swarm);
        await before.Service.SaveAsync(disk, Path, None);
        disk.Files.Keys.ShouldBe([Path]);

        var after = await RestartAsync(TimeSpan.FromMinutes(1), open: true);
        after.ScrapeHttp().ShouldBe(new ScrapeCounts(1, 1, 1) { Downloaders = 0 });
        after.Service.LastAnnounce(Swarm).ShouldBe(announced, TimeSpan.FromSeconds(1));
        after.Announce(V4(4), swarm: HashOf(2)).Peers.ShouldBe([V4(3)]);
        after.Announce(V4(4)).Peers.ShouldBe([V4(1), V6(2)], ignoreOrder: true);
    }

    [Fact]
    public async Task Many_and_large_swarms_are_restored_completely()
    {
        var options = new TrackerOptions { Open = true };
        var before = new TestTracker(options);
        for (var i = 0; i < 40_000; i++)
        {
            before.Announce(V4(i), seed: i % 3 == 0, wanted: 0);
            before.Announce(V6(i / 2), seed: i % 6 == 0, wanted: 0);
            before.Announce(V4(i), wanted: 0, swarm: HashOf(1000 + (i / 2)));
        }
        await before.Service.SaveAsync(disk, Path, None);
        disk.Files[Path].Length.ShouldBeGreaterThan(3 * 256 * 1024);
        var after = new TestTracker(options);
        var load = await after.Service.LoadAsync(disk, Path, None);
        load.ShouldBe(new SnapshotLoadResult(100_000, null));
        var (was, isNow) = (before.Service.ReadStatistics(), after.Service.ReadStatistics());
        (isNow.Seeds, isNow.Leechers, isNow.Swarms).ShouldBe((was.Seeds, was.Leechers, was.Swarms));
        All(after).ShouldBe(All(before), ignoreOrder: true);
    }

    [Fact]
    public async Task Restored_peers_have_aged_and_expired_ones_are_left_out()
    {
        var before = new TestTracker();
        before.Announce(V4(1));
        before.Clock.Advance(TimeSpan.FromMinutes(20));
        before.Announce(V4(2));
        await before.Service.SaveAsync(disk, Path, None);
        (await RestartAsync(TimeSpan.FromMinutes(24))).Announce(V4(9)).Peers.Count.ShouldBe(2);
        var after = await RestartAsync(TimeSpan.FromMinutes(26));
        after.Announce(V4(9)).Peers.ShouldBe([V4(2)]);
        after.Clock.Advance(TimeSpan.FromMinutes(20));
        after.Announce(V4(8)).Peers.ShouldBe([V4(9)]);
        (await RestartAsync(TimeSpan.FromDays(9))).Announce(V4(9)).Peers.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_clock_that_was_set_back_makes_no_peer_younger()
    {
        var before = new TestTracker();
        before.Clock.Advance(TimeSpan.FromHours(5));
        before.Announce(V4(1));
        before.Clock.Advance(TimeSpan.FromMinutes(44));
        await before.Service.SaveAsync(disk, Path, None);
        var after = new TestTracker();
        (await after.Service.LoadAsync(disk, Path, None)).ShouldBe(new SnapshotLoadResult(1, null));
        after.Clock.Advance(TimeSpan.FromMinutes(2));
        after.Scrape().ShouldBe(default);
    }

    [Fact]
    public async Task Only_planted_torrents_that_are_not_denied_are_restored()
    {
        var before = new TestTracker();
        before.Service.Admit(HashOf(2));
        before.Service.Admit(HashOf(3));
        foreach (var swarm in new[] { Swarm, HashOf(2), HashOf(3) })
        {
            before.Announce(V4(1), swarm: swarm);
        }
        await before.Service.SaveAsync(disk, Path, None);
        var after = new TestTracker { Service = { Rules = new TrackerRules([HashOf(3)], null) } };
        after.Service.Admit(HashOf(3));
        (await after.Service.LoadAsync(disk, Path, None)).Peers.ShouldBe(1);
        after.Service.ReadStatistics().Swarms.ShouldBe(2);
    }

    [Fact]
    public async Task Restoring_respects_the_limits()
    {
        var before = new TestTracker(new TrackerOptions { Open = true });
        for (var i = 0; i < 100; i++)
        {
            before.Announce(V4(i), swarm: HashOf(10 + i));
            before.Announce(V4(i));
        }
        await before.Service.SaveAsync(disk, Path, None);
        var after = new TestTracker(
            new TrackerOptions
            {
                Open = true,
                MaxSwarms = 11,
                MaxPeers = 50,
            }
        );
        (await after.Service.LoadAsync(disk, Path, None)).Peers.ShouldBeInRange(11, 50);
        after.Service.ReadStatistics().Swarms.ShouldBe(11);
    }

    [Fact]
    public async Task A_missing_file_is_not_a_fault() =>
        (await new TestTracker().Service.LoadAsync(disk, Path, None)).ShouldBe(new SnapshotLoadResult(0, null));

    [Fact]
    public async Task Every_flipped_bit_is_detected()
    {
        var whole = await SaveSmallAsync();
        for (var bit = 0; bit < whole.Length * 8; bit++)
        {
            byte[] broken = [.. whole];
            broken[bit / 8] ^= (byte)(1 << (bit % 8));
            await ShouldBeRejectedAsync(broken, $"bit {bit}");
        }
    }

    [Fact]
    public async Task A_truncated_file_and_trailing_bytes_are_rejected()
    {
        var whole = await SaveSmallAsync();
        for (var length = 0; length < whole.Length; length++)
        {
            await ShouldBeRejectedAsync(whole[..length], $"cut off at {length}");
        }
        await ShouldBeRejectedAsync([.. whole, 0], "a byte more");
        await ShouldBeRejectedAsync([.. whole, .. whole], "twice");
        await ShouldBeRejectedAsync(new byte[1000], "zeros");
    }

    [Fact]
    public async Task A_full_disk_leaves_the_old_file()
    {
        var whole = await SaveSmallAsync();
        disk.FullAt = 60;
        await Should.ThrowAsync<DiskException>(() => new TestTracker().Service.SaveAsync(disk, Path, None));
        disk.Files.Single().ShouldBe(new(Path, whole));
    }

    private async Task<byte[]> SaveSmallAsync()
    {
        var tracker = new TestTracker();
        tracker.Announce(V4(1));
        tracker.Announce(V6(2));
        await tracker.Service.SaveAsync(disk, Path, None);
        return disk.Files[Path];
    }

    private async Task ShouldBeRejectedAsync(byte[] bytes, string what)
    {
        disk.Files[Path] = bytes;
        var tracker = new TestTracker();
        var load = await tracker.Service.LoadAsync(disk, Path, None);
        load.Fault.ShouldNotBeNull(what);
        load.Peers.ShouldBe(0, what);
        tracker.Service.ReadStatistics().Leechers.ShouldBe(0, what);
    }

    /// <summary>A new process, whose wall clock continues from the time of the snapshot.</summary>
    private async Task<TestTracker> RestartAsync(TimeSpan downtime, bool open = false)
    {
        var saved = System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(disk.Files[Path].AsSpan(5 + 12));
        var tracker = new TestTracker(new TrackerOptions { Open = open });
        tracker.Clock.Start = DateTimeOffset.FromUnixTimeMilliseconds(saved) + downtime;
        (await tracker.Service.LoadAsync(disk, Path, None)).Fault.ShouldBeNull();
        return tracker;
    }

    private static SwarmPeer[] All(TestTracker tracker)
    {
        var into = new SwarmPeer[100_000];
        return into[..tracker.Service.Snapshot(Swarm, into)];
    }
}
