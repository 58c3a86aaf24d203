using Anatomic.Engine.Storage;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;
using Anatomic.World;

namespace Anatomic.Engine.Tests.Storage;

public sealed class TorrentStorageTests
{
    private const string Elsewhere = "/down/set";

    [Theory]
    [InlineData(TorrentFormat.V1, 64)]
    [InlineData(TorrentFormat.V2, 64)]
    [InlineData(TorrentFormat.Hybrid, 64)]
    [InlineData(TorrentFormat.Hybrid, 1)]
    public void Files_written_piece_by_piece_equal_the_source(TorrentFormat format, int maxOpenFiles)
    {
        var world = Sample.World();
        var metainfo = Sample.Create(world, format);
        world.Files.MaxOpenFiles = 0;
        MemoryWorld.Run(async () =>
        {
            await using var source = Sample.Open(world, metainfo, Sample.Folder, maxOpenFiles);
            await using var target = Sample.Open(world, metainfo, Elsewhere, maxOpenFiles);
            await PrepareAsync(target);
            for (var i = metainfo.Info.PieceCount - 1; i >= 0; i--)
            {
                await CopyAsync(source, target, new PieceIndex(i));
            }
            await target.FlushAsync(CancellationToken.None);
            await target.SetExecutableAsync(CancellationToken.None);
        });
        world.Files.FilePaths.Where(path => path.StartsWith(Elsewhere, StringComparison.Ordinal)).Count().ShouldBe(5);
        foreach (var name in (string[])["a.txt", "b.bin", "sub/whole", "sub/empty", "sub/run.sh"])
        {
            world.Files[$"{Elsewhere}/{name}"].ShouldBe(world.Files[$"{Sample.Folder}/{name}"]);
            world.Files.UnflushedWrites($"{Elsewhere}/{name}").ShouldBe(0);
        }
        foreach (var name in (string[])["a.txt", "sub/run.sh"])
        {
            world.Files.Find($"{Elsewhere}/{name}")!.IsExecutable.ShouldBe(name == "sub/run.sh");
        }
        world.Files.OpenFiles.ShouldBe(0);
        world.Files.MaxOpenFiles.ShouldBeLessThanOrEqualTo(2 * maxOpenFiles);
    }

    [Fact]
    public void A_piece_takes_one_write_per_file()
    {
        var world = Sample.World();
        var metainfo = Sample.Create(world, TorrentFormat.V1);
        MemoryWorld.Run(async () =>
        {
            await using var source = Sample.Open(world, metainfo, Sample.Folder);
            await using var target = Sample.Open(world, metainfo, Elsewhere);
            await CopyAsync(source, target, new PieceIndex(0));
            world.Files.Writes.ShouldBe(2);
            await CopyAsync(source, target, new PieceIndex(1));
            world.Files.Writes.ShouldBe(3);
        });
    }

    [Fact]
    public void A_file_is_created_with_its_first_piece()
    {
        var world = Sample.World();
        var metainfo = Sample.Create(world, TorrentFormat.V2);
        MemoryWorld.Run(async () =>
        {
            await using var target = Sample.Open(world, metainfo, Elsewhere);
            await PrepareAsync(target);
            world
                .Files.FilePaths.Where(path => path.StartsWith(Elsewhere, StringComparison.Ordinal))
                .ShouldBe([$"{Elsewhere}/sub/empty"]);
            (await target.ReadAsync(0, new byte[100], CancellationToken.None)).Overlap(0, 1).ShouldBeTrue();
        });
    }

    [Fact]
    public void A_read_goes_on_past_missing_data_and_padding_is_zeros()
    {
        var world = Sample.World();
        var metainfo = Sample.Create(world, TorrentFormat.Hybrid);
        MemoryWorld.Run(async () =>
        {
            await using var storage = Sample.Open(world, metainfo, Sample.Folder);
            var bytes = Sample.Bytes(170_000, 7);
            (await storage.ReadAsync(0, bytes, CancellationToken.None)).IsEmpty.ShouldBeTrue();
            bytes[..5].ShouldBe(world.Files[$"{Sample.Folder}/a.txt"]);
            bytes[5..32_768].ShouldAllBe(value => value == 0);
            bytes[32_768..132_768].ShouldBe(world.Files[$"{Sample.Folder}/b.bin"]);
            world.Files[$"{Sample.Folder}/b.bin"] = Sample.Bytes(50, 1);
            world.Files.Delete($"{Sample.Folder}/a.txt");
            await using var fresh = Sample.Open(world, metainfo, Sample.Folder);
            var holes = await fresh.ReadAsync(0, bytes, CancellationToken.None);
            holes.Overlap(0, 5).ShouldBeTrue();
            holes.Overlap(5, 32_768 + 50 - 5).ShouldBeFalse();
            holes.Overlap(32_768 + 50, 1).ShouldBeTrue();
            holes.Overlap(5 * 32_768, 6_160).ShouldBeFalse();
            bytes[(5 * 32_768)..].ShouldBe(world.Files[$"{Sample.Folder}/sub/run.sh"][..6_160]);
        });
    }

    [Fact]
    public void A_failed_flush_can_be_repeated()
    {
        var world = Sample.World();
        var metainfo = Sample.Create(world, TorrentFormat.V1);
        MemoryWorld.Run(async () =>
        {
            await using var source = Sample.Open(world, metainfo, Sample.Folder);
            await using var target = Sample.Open(world, metainfo, Elsewhere);
            await CopyAsync(source, target, new PieceIndex(0));
            world.Files.FlushFault = new DiskException(DiskFault.Full, "the disk is full");
            (
                await MemoryWorld.CatchAsync<DiskException>(() => target.FlushAsync(CancellationToken.None))
            ).Kind.ShouldBe(DiskFault.Full);
            world.Files.FlushFault = null;
            await target.FlushAsync(CancellationToken.None);
            world.Files.UnflushedWrites($"{Elsewhere}/a.txt").ShouldBe(0);
            world.Files.UnflushedWrites($"{Elsewhere}/b.bin").ShouldBe(0);
        });
    }

    private static async Task PrepareAsync(TorrentStorage storage)
    {
        var entries = await storage.FindFilesAsync(CancellationToken.None);
        await new StoragePreparation(storage, new PieceSet(storage.Info.PieceCount), entries)
        {
            Wants = static _ => true,
        }.RunAsync(CancellationToken.None);
    }

    private static async Task CopyAsync(TorrentStorage from, TorrentStorage to, PieceIndex piece)
    {
        var bytes = await Sample.ReadPieceAsync(from, piece);
        var middle = bytes.Length / 3;
        await to.WritePieceAsync(piece, [bytes.AsMemory(0, middle), bytes.AsMemory(middle)], CancellationToken.None);
    }
}
