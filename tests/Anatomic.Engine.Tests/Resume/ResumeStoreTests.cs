using Anatomic.Engine.Resume;
using Anatomic.Engine.Storage;
using Anatomic.Testing;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;
using Anatomic.World;

namespace Anatomic.Engine.Tests.Resume;

public sealed class ResumeStoreTests
{
    private readonly MemoryWorld world = Sample.World();
    private readonly ManualClock clock = new();
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
    public void Resume_data_names_its_location()
    {
        Save(all);
        Load("/data/other").ShouldBeNull();
    }

    [Fact]
    public void What_only_we_wrote_before_a_crash_is_not_checked_again()
    {
        var had = new PieceSet(metainfo.Info.PieceCount);
        had.Add(new PieceIndex(1));
        MemoryWorld.Run(async () =>
        {
            await using var storage = Sample.Open(world, metainfo, Sample.Folder);
            await storage.FindFilesAsync(CancellationToken.None);
            var store = await OpenAsync();
            storage.Writing = stop => store.MarkWritingAsync(storage, stop);
            await store.SaveAsync(storage, had, CancellationToken.None);
            clock.Advance(TimeSpan.FromHours(1));
            world.Files.Now = clock.GetUtcNow() + TimeSpan.FromSeconds(10);
            await storage.WritePieceAsync(new PieceIndex(2), [new byte[32_768]], CancellationToken.None);
        });
        var resumed = Load()!;
        resumed.HavePieces[new PieceIndex(1)].ShouldBeTrue();
        resumed.PiecesToCheck.IsEmpty.ShouldBeTrue();
        resumed.OurFiles.ShouldContain(1);
    }

    [Fact]
    public void A_change_that_our_writes_before_a_crash_do_not_explain_is_checked()
    {
        MemoryWorld.Run(async () =>
        {
            await using var storage = Sample.Open(world, metainfo, Sample.Folder);
            await storage.FindFilesAsync(CancellationToken.None);
            var store = await OpenAsync();
            storage.Writing = stop => store.MarkWritingAsync(storage, stop);
            await store.SaveAsync(storage, all, CancellationToken.None);
            await storage.WritePieceAsync(new PieceIndex(2), [new byte[32_768]], CancellationToken.None);
        });
        world.Files.Now = clock.GetUtcNow() + TimeSpan.FromMinutes(1);
        world.Files[$"{Sample.Folder}/b.bin"] = Sample.Bytes(100_000, 9);
        var resumed = Load()!;
        Enumerable.Range(0, 9).Where(i => resumed.PiecesToCheck[new PieceIndex(i)]).ShouldBe([1, 2, 3, 4]);
    }

    [Fact]
    public void A_file_that_was_removed_meanwhile_is_not_saved_as_complete()
    {
        MemoryWorld.Run(async () =>
        {
            await using var storage = Sample.Open(world, metainfo, Sample.Folder);
            await storage.FindFilesAsync(CancellationToken.None);
            world.Files.Delete($"{Sample.Folder}/b.bin");
            var store = await OpenAsync();
            var failed = await MemoryWorld.CatchAsync<DiskException>(() =>
                store.SaveAsync(storage, all, CancellationToken.None)
            );
            failed.Message.ShouldContain("b.bin was removed");
        });
        Load().ShouldBeNull();
    }

    [Fact]
    public void Pieces_that_could_not_be_flushed_are_not_saved()
    {
        MemoryWorld.Run(async () =>
        {
            var store = await OpenAsync();
            await using var storage = Sample.Open(world, metainfo, Sample.Folder);
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
            var store = await OpenAsync();
            await store.DeleteAsync(metainfo.Info.SwarmIds[0], CancellationToken.None);
        });
        Load().ShouldBeNull();
    }

    private void Save(PieceSet have) =>
        MemoryWorld.Run(async () =>
        {
            var store = await OpenAsync();
            await using var storage = Sample.Open(world, metainfo, Sample.Folder);
            await store.SaveAsync(storage, have, CancellationToken.None);
        });

    private ResumeData? Load(string root = Sample.Folder)
    {
        ResumeData? resumed = null;
        MemoryWorld.Run(async () =>
        {
            var store = await OpenAsync();
            var place = new DataPlace(root, IsTorrent: true);
            if (
                await store.LoadAsync(metainfo.Info, CancellationToken.None) is not { } record
                || record.Layout.Place != place
            )
            {
                return;
            }
            await using var storage = new TorrentStorage(world.Disk, metainfo.Info, record.Layout);
            var entries = await storage.FindFilesAsync(CancellationToken.None);
            resumed = await store.CompareAsync(record, storage, entries, CancellationToken.None);
        });
        return resumed;
    }

    private async Task<ResumeStore> OpenAsync() =>
        new(await world.Stores.OpenAsync("torrents", CancellationToken.None), clock);
}
