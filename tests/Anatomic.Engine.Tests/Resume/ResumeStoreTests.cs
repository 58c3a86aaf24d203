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
    public void Unchanged_files_need_no_check()
    {
        Save(all);
        var resumed = Load();
        resumed!.HavePieces.IsFull.ShouldBeTrue();
        resumed.PiecesToCheck.IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public void Only_a_changed_file_is_checked_again()
    {
        Save(all);
        world.Files[$"{Sample.Folder}/b.bin"] = Sample.Bytes(100_000, 1);
        var resumed = Load();
        Enumerable.Range(0, 9).Where(i => resumed!.PiecesToCheck[new PieceIndex(i)]).ShouldBe([1, 2, 3, 4]);
        Enumerable.Range(0, 9).Where(i => resumed!.HavePieces[new PieceIndex(i)]).ShouldBe([0, 5, 6, 7, 8]);
    }

    [Fact]
    public void The_pieces_of_a_missing_file_are_lost()
    {
        Save(all);
        world.Files.Delete($"{Sample.Folder}/a.txt");
        Load()!.HavePieces[new PieceIndex(0)].ShouldBeFalse();
    }

    [Fact]
    public void Resume_data_does_not_apply_to_another_location()
    {
        Save(all);
        Load("/data/other").ShouldBeNull();
    }

    [Fact]
    public void Pieces_that_could_not_be_flushed_are_not_saved()
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
    public void Deleted_resume_data_is_gone()
    {
        Save(all);
        MemoryWorld.Run(async () =>
        {
            await using var store = await ResumeStore.OpenAsync(world.Stores, "torrents", CancellationToken.None);
            await store.DeleteAsync(metainfo.Info.SwarmIds[0], CancellationToken.None);
        });
        Load().ShouldBeNull();
    }

    private void Save(PieceSet have) =>
        MemoryWorld.Run(async () =>
        {
            await using var store = await ResumeStore.OpenAsync(world.Stores, "torrents", CancellationToken.None);
            await using var storage = new TorrentStorage(world.Disk, metainfo.Info, Sample.Folder);
            await store.SaveAsync(storage, have, CancellationToken.None);
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
