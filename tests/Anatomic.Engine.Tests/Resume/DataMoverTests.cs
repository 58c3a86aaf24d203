using Anatomic.Engine.Hashing;
using Anatomic.Engine.Resume;
using Anatomic.Engine.Storage;
using Anatomic.Testing;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;
using Anatomic.World;

namespace Anatomic.Engine.Tests.Resume;

public sealed class DataMoverTests
{
    private static readonly DataPlace Old = new("/data", IsTorrent: false);

    [Theory]
    [InlineData(null)]
    [InlineData("/other")]
    public void A_moved_torrent_is_complete_at_the_new_place(string? volume)
    {
        var (world, metainfo) = Prepare(volume);
        var steps = new List<(long Done, long Total)>();
        Move(world, metainfo, (done, total) => steps.Add((done, total)));
        steps[0].ShouldBe((0, metainfo.Info.Size));
        steps[^1].ShouldBe((metainfo.Info.Size, metainfo.Info.Size));
        HaveAt(world, metainfo, new DataPlace("/other/place", IsTorrent: false)).IsFull.ShouldBeTrue();
        // The link and its folder are not the torrent's.
        world
            .Files.FilePaths.Where(path => path.StartsWith("/data", StringComparison.Ordinal))
            .ShouldBe(["/data/set/away"]);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("/other")]
    public void A_move_that_is_killed_at_any_moment_goes_on(string? volume)
    {
        for (var changes = 0; ; changes++)
        {
            var (world, metainfo) = Prepare(volume);
            world.Files.ChangesToDeath = changes;
            var isDead = false;
            try
            {
                Move(world, metainfo, null);
            }
            catch (InvalidOperationException)
            {
                isDead = true;
            }
            world.Files.ChangesToDeath = null;
            // Whoever restarts knows the old place, unless the new one was saved together with the record.
            var atOld = HaveAt(world, metainfo, Old).IsFull;
            atOld.ShouldBe(isDead && atOld);
            if (!atOld)
            {
                HaveAt(world, metainfo, new DataPlace("/other/place", IsTorrent: false)).IsFull.ShouldBeTrue();
            }
            world
                .Files.FilePaths.Count(path => path.EndsWith("/b.bin", StringComparison.Ordinal))
                .ShouldBe(1, $"killed after {changes} changes");
            if (!isDead)
            {
                changes.ShouldBeGreaterThan(5);
                return;
            }
        }
    }

    [Fact]
    public void A_move_to_a_taken_place_moves_nothing()
    {
        var (world, metainfo) = Prepare(null);
        world.Files["/other/place/set/b.bin"] = [1];
        Should.Throw<EngineException>(() => Move(world, metainfo, null)).Message.ShouldContain("exists already");
        HaveAt(world, metainfo, Old).IsFull.ShouldBeTrue();
        world.Files["/other/place/set/b.bin"].ShouldBe([1]);
    }

    [Fact]
    public void A_move_that_fails_is_undone()
    {
        var (world, metainfo) = Prepare("/other");
        var writes = 0;
        world.Files.BeforeRead = _ =>
        {
            if (++writes == 3)
            {
                throw new DiskException(DiskFault.Full, "the disk is full");
            }
        };
        Should.Throw<DiskException>(() => Move(world, metainfo, null)).Kind.ShouldBe(DiskFault.Full);
        world.Files.BeforeRead = null;
        world.Files.FilePaths.ShouldAllBe(path => path.StartsWith("/data/set", StringComparison.Ordinal));
        HaveAt(world, metainfo, Old).IsFull.ShouldBeTrue();
    }

    [Fact]
    public void Files_and_the_torrent_itself_can_be_renamed()
    {
        var (world, metainfo) = Prepare(null);
        MemoryWorld.Run(async () =>
        {
            var (storage, store, have) = await OpenAsync(world, metainfo, Old);
            var file = metainfo.Info.ContentFiles[1];
            Should.Throw<EngineException>(() => LayoutEditor.RenameFile(storage.Layout, metainfo.Info, file, "A.TXT"));
            Should.Throw<EngineException>(() => LayoutEditor.RenameFile(storage.Layout, metainfo.Info, file, "sub"));
            Should.Throw<EngineException>(() => LayoutEditor.RenameFile(storage.Layout, metainfo.Info, file, "../b"));
            Should.Throw<EngineException>(() => LayoutEditor.Rename(storage.Layout, "a/b"));
            var renamed = LayoutEditor.RenameFile(storage.Layout, metainfo.Info, file, "sub/new name.bin");
            renamed = LayoutEditor.Rename(renamed, "other name");
            await new DataMover(storage, store).RunAsync(renamed, () => have, null, null, CancellationToken.None);
        });
        world.Files["/data/other name/sub/new name.bin"].ShouldBe(Sample.Bytes(100_000, 1));
        HaveAt(world, metainfo, Old).IsFull.ShouldBeTrue();
    }

    [Fact]
    public void Deleting_data_leaves_what_is_not_the_torrents()
    {
        var (world, metainfo) = Prepare(null);
        world.Files["/data/set/mine"] = [1];
        MemoryWorld.Run(async () =>
        {
            var (storage, _, _) = await OpenAsync(world, metainfo, Old);
            await new StorageCleanup(world.Disk).DeleteDataAsync(storage, CancellationToken.None);
        });
        world.Files.FilePaths.ShouldBe(["/data/set/away", "/data/set/mine"]);
        world.Files.Find("/data/set/sub").ShouldBeNull();
    }

    private static (MemoryWorld World, TorrentMetainfo Metainfo) Prepare(string? volume)
    {
        var world = Sample.World();
        world.Files.OtherVolume = volume;
        var metainfo = Sample.Create(world, TorrentFormat.Hybrid);
        HaveAt(world, metainfo, Old).IsFull.ShouldBeTrue();
        return (world, metainfo);
    }

    private static void Move(MemoryWorld world, TorrentMetainfo metainfo, Action<long, long>? progress) =>
        MemoryWorld.Run(async () =>
        {
            var (storage, store, have) = await OpenAsync(world, metainfo, Old);
            var to = LayoutEditor.Move(storage.Layout, "/other/place");
            await new DataMover(storage, store).RunAsync(to, () => have, null, progress, CancellationToken.None);
        });

    private static PieceSet HaveAt(MemoryWorld world, TorrentMetainfo metainfo, DataPlace place)
    {
        PieceSet? have = null;
        MemoryWorld.Run(async () => (_, _, have) = await OpenAsync(world, metainfo, place));
        return have!;
    }

    private static async Task<(TorrentStorage Storage, ResumeStore Store, PieceSet Have)> OpenAsync(
        MemoryWorld world,
        TorrentMetainfo metainfo,
        DataPlace place
    )
    {
        var store = new ResumeStore(
            await world.Stores.OpenAsync("torrents", CancellationToken.None),
            new ManualClock { Start = DateTimeOffset.UnixEpoch }
        );
        var resources = new StorageResources(world.Disk, maxOpenFiles: 4, cacheBytes: 1 << 20);
        var request = new DataRequest
        {
            Verifier = new PieceVerifier(metainfo, world.Workers),
            Place = place,
            Wants = static _ => true,
        };
        var opened = await new DataOpener(resources, store).OpenAsync(request, static _ => { }, CancellationToken.None);
        return (opened.Storage, store, opened.Have);
    }
}
