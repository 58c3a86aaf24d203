using Anatomic.Engine.Resume;
using Anatomic.Engine.Storage;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;
using Anatomic.World;

namespace Anatomic.Engine.Tests.Resume;

public sealed class ResumeStoreTests
{
    private readonly MemoryWorld world = Sample.World();
    private readonly TorrentMetainfo metainfo;
    private readonly PieceSet all;

    public ResumeStoreTests()
    {
        metainfo = Sample.Create(world, TorrentFormat.Hybrid);
        all = new PieceSet(metainfo.Info.PieceCount);
        all.AddAll();
    }

    [Fact]
    public void Untouched_files_need_no_check()
    {
        Save(all);
        var resumed = Load();
        resumed!.Had.IsFull.ShouldBeTrue();
        resumed.ToCheck.IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public void A_touched_file_is_checked_again_and_no_other()
    {
        Save(all);
        world.Files[$"{Sample.Folder}/b.bin"] = Sample.Bytes(100_000, 1);
        var resumed = Load();
        Enumerable.Range(0, 9).Where(i => resumed!.ToCheck[i]).ShouldBe([1, 2, 3, 4]);
        Enumerable.Range(0, 9).Where(i => resumed!.Had[i]).ShouldBe([0, 5, 6, 7, 8]);
    }

    [Fact]
    public void A_missing_file_is_not_had()
    {
        Save(all);
        world.Files.Delete($"{Sample.Folder}/a.txt");
        Load()!.Had[0].ShouldBeFalse();
    }

    [Fact]
    public void The_same_torrent_elsewhere_is_another()
    {
        Save(all);
        Load("/data/other").ShouldBeNull();
    }

    [Fact]
    public void Nothing_is_remembered_that_could_not_be_flushed()
    {
        MemoryWorld.Run(async () =>
        {
            await using var store = await ResumeStore.OpenAsync(world.Stores, "torrents", CancellationToken.None);
            await using var storage = new TorrentStorage(world.Disk, metainfo.Info, Sample.Folder);
            await storage.WritePieceAsync(new PieceIndex(0), [new byte[32_768]], CancellationToken.None);
            world.Files.FlushFault = new DiskException(DiskFault.Full, "the disk is full");
            var failed = await MemoryWorld.CatchAsync<DiskException>(() =>
                store.SaveAsync(storage, all, CancellationToken.None)
            );
            failed.Kind.ShouldBe(DiskFault.Full);
        });
        Load().ShouldBeNull();
    }

    [Fact]
    public void A_forgotten_torrent_is_unknown()
    {
        Save(all);
        MemoryWorld.Run(async () =>
        {
            await using var store = await ResumeStore.OpenAsync(world.Stores, "torrents", CancellationToken.None);
            await store.DeleteAsync(metainfo.Info.SwarmIds[0], CancellationToken.None);
        });
        Load().ShouldBeNull();
    }

    private void Save(PieceSet had) =>
        MemoryWorld.Run(async () =>
        {
            await using var store = await ResumeStore.OpenAsync(world.Stores, "torrents", CancellationToken.None);
            await using var storage = new TorrentStorage(world.Disk, metainfo.Info, Sample.Folder);
            await store.SaveAsync(storage, had, CancellationToken.None);
        });

    private ResumeData? Load(string root = Sample.Folder)
    {
        ResumeData? resumed = null;
        MemoryWorld.Run(async () =>
        {
            await using var store = await ResumeStore.OpenAsync(world.Stores, "torrents", CancellationToken.None);
            await using var storage = new TorrentStorage(world.Disk, metainfo.Info, root);
            resumed = await store.LoadAsync(storage, CancellationToken.None);
        });
        return resumed;
    }
}
