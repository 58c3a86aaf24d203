using Anatomic.Engine.Hashing;
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
    public void Written_piece_by_piece_they_are_those_of_the_seeder(TorrentFormat format, int maxOpenFiles)
    {
        var world = Sample.World();
        var metainfo = Sample.Create(world, format);
        world.Files.MostOpenFiles = 0;
        MemoryWorld.Run(async () =>
        {
            await using var source = new TorrentStorage(world.Disk, metainfo.Info, Sample.Folder, maxOpenFiles);
            await using var target = new TorrentStorage(world.Disk, metainfo.Info, Elsewhere, maxOpenFiles);
            await target.PrepareAsync(CancellationToken.None);
            for (var i = metainfo.Info.PieceCount - 1; i >= 0; i--)
            {
                await CopyAsync(source, target, new PieceIndex(i));
            }
            await target.FlushAsync(CancellationToken.None);
            target.SetExecutable();
        });
        world.Files.FilePaths.Where(path => path.StartsWith(Elsewhere, StringComparison.Ordinal)).Count().ShouldBe(5);
        foreach (var name in (string[])["a.txt", "b.bin", "sub/whole", "sub/empty", "sub/run.sh"])
        {
            world.Files[$"{Elsewhere}/{name}"].ShouldBe(world.Files[$"{Sample.Folder}/{name}"]);
            world.Files.UnflushedWrites($"{Elsewhere}/{name}").ShouldBe(0);
        }
        foreach (var name in (string[])["a.txt", "sub/run.sh"])
        {
            world.Disk.Find($"{Elsewhere}/{name}")!.IsExecutable.ShouldBe(name == "sub/run.sh");
        }
        world.Files.OpenFiles.ShouldBe(0);
        world.Files.MostOpenFiles.ShouldBeLessThanOrEqualTo(2 * maxOpenFiles);
    }

    [Fact]
    public void A_piece_is_one_write_for_each_file_in_it()
    {
        var world = Sample.World();
        var metainfo = Sample.Create(world, TorrentFormat.V1);
        MemoryWorld.Run(async () =>
        {
            await using var source = new TorrentStorage(world.Disk, metainfo.Info, Sample.Folder);
            await using var target = new TorrentStorage(world.Disk, metainfo.Info, Elsewhere);
            await CopyAsync(source, target, new PieceIndex(0));
            world.Files.Writes.ShouldBe(2);
            await CopyAsync(source, target, new PieceIndex(1));
            world.Files.Writes.ShouldBe(3);
        });
    }

    [Fact]
    public void Nothing_is_made_before_its_first_piece()
    {
        var world = Sample.World();
        var metainfo = Sample.Create(world, TorrentFormat.V2);
        MemoryWorld.Run(async () =>
        {
            await using var target = new TorrentStorage(world.Disk, metainfo.Info, Elsewhere);
            await target.PrepareAsync(CancellationToken.None);
            world
                .Files.FilePaths.Where(path => path.StartsWith(Elsewhere, StringComparison.Ordinal))
                .ShouldBe([$"{Elsewhere}/sub/empty"]);
            (await target.ReadAsync(0, new byte[100], CancellationToken.None)).ShouldBe(0);
        });
    }

    [Fact]
    public void A_read_ends_where_the_data_ends_and_padding_is_zeros()
    {
        var world = Sample.World();
        var metainfo = Sample.Create(world, TorrentFormat.Hybrid);
        MemoryWorld.Run(async () =>
        {
            await using var storage = new TorrentStorage(world.Disk, metainfo.Info, Sample.Folder);
            var bytes = Sample.Bytes(40_000, 7);
            (await storage.ReadAsync(0, bytes, CancellationToken.None)).ShouldBe(40_000);
            bytes[..5].ShouldBe(world.Files[$"{Sample.Folder}/a.txt"]);
            bytes[5..32_768].ShouldAllBe(one => one == 0);
            bytes[32_768..].ShouldBe(world.Files[$"{Sample.Folder}/b.bin"][..7_232]);
            world.Files[$"{Sample.Folder}/b.bin"] = Sample.Bytes(50, 1);
            await using var fresh = new TorrentStorage(world.Disk, metainfo.Info, Sample.Folder);
            (await fresh.ReadAsync(0, bytes, CancellationToken.None)).ShouldBe(32_768 + 50);
        });
    }

    [Fact]
    public void A_check_names_what_is_missing_or_wrong()
    {
        var world = Sample.World();
        var metainfo = Sample.Create(world, TorrentFormat.Hybrid);
        world.Files[$"{Sample.Folder}/b.bin"][70_000] ^= 1;
        world.Files[$"{Sample.Folder}/sub/run.sh"] = Sample.Bytes(40_000, 4)[..35_000];
        world.Files.Delete($"{Sample.Folder}/a.txt");
        world.Files[$"{Sample.Folder}/sub/whole"] = [.. world.Files[$"{Sample.Folder}/sub/whole"], 1];
        MemoryWorld.Run(async () =>
        {
            await using var storage = new TorrentStorage(world.Disk, metainfo.Info, Sample.Folder);
            var verifier = new PieceVerifier(metainfo, world.Workers);
            var reports = new List<CheckProgress>();
            var result = await DataCheck.RunAsync(storage, verifier, null, reports.Add, CancellationToken.None);
            result
                .Files.Select(file => (file.File.Display, file.LengthOnDisk, file.BadPieces.Count, file.IsGood))
                .ShouldBe([
                    ("set/a.txt", null, 1, false),
                    ("set/b.bin", 100_000, 1, false),
                    ("set/sub/empty", 0, 0, true),
                    ("set/sub/run.sh", 35_000, 1, false),
                    ("set/sub/whole", 65_537, 0, false),
                ]);
            result.Files[1].BadPieces.ShouldBe([new PieceIndex(3)]);
            result.Good.SetCount.ShouldBe(6);
            reports.Count.ShouldBe(9);
            reports[^1].CheckedBytes.ShouldBe(metainfo.Info.Size);
            reports[^1].TotalBytes.ShouldBe(metainfo.Info.Size);
        });
    }

    [Fact]
    public void A_check_can_be_stopped()
    {
        var world = Sample.World();
        var metainfo = Sample.Create(world, TorrentFormat.V1);
        Should.Throw<OperationCanceledException>(() =>
            MemoryWorld.Run(async () =>
            {
                await using var storage = new TorrentStorage(world.Disk, metainfo.Info, Sample.Folder);
                var verifier = new PieceVerifier(metainfo, world.Workers);
                await DataCheck.RunAsync(storage, verifier, null, null, new CancellationToken(canceled: true));
            })
        );
    }

    [Fact]
    public void A_failed_flush_is_tried_again()
    {
        var world = Sample.World();
        var metainfo = Sample.Create(world, TorrentFormat.V1);
        MemoryWorld.Run(async () =>
        {
            await using var source = new TorrentStorage(world.Disk, metainfo.Info, Sample.Folder);
            await using var target = new TorrentStorage(world.Disk, metainfo.Info, Elsewhere);
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

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(16_384)]
    [InlineData(20_000)]
    public void Parts_of_any_length_verify_the_same(int partLength)
    {
        var world = Sample.World();
        var metainfo = Sample.Create(world, TorrentFormat.Hybrid);
        MemoryWorld.Run(async () =>
        {
            await using var storage = new TorrentStorage(world.Disk, metainfo.Info, Sample.Folder);
            var verifier = new PieceVerifier(metainfo, world.Workers);
            for (var i = 0; i < metainfo.Info.PieceCount; i++)
            {
                var piece = new PieceIndex(i);
                var bytes = await PieceAsync(storage, piece);
                ReadOnlyMemory<byte>[] parts =
                [
                    .. bytes.Chunk(partLength).Select(part => new ReadOnlyMemory<byte>(part)),
                ];
                (await verifier.VerifyAsync(piece, parts)).ShouldBeTrue();
                bytes[^1] ^= 1;
                verifier.Verify(piece, [bytes]).ShouldBeFalse();
                verifier.Verify(piece, [bytes.AsMemory(1)]).ShouldBeFalse();
            }
        });
    }

    private static async Task<byte[]> PieceAsync(TorrentStorage storage, PieceIndex piece)
    {
        var bytes = new byte[storage.Info.PieceSize(piece)];
        var begin = (long)piece.Value * storage.Info.PieceLength;
        (await storage.ReadAsync(begin, bytes, CancellationToken.None)).ShouldBe(bytes.Length);
        return bytes;
    }

    private static async Task CopyAsync(TorrentStorage from, TorrentStorage to, PieceIndex piece)
    {
        var bytes = await PieceAsync(from, piece);
        var middle = bytes.Length / 3;
        await to.WritePieceAsync(piece, [bytes.AsMemory(0, middle), bytes.AsMemory(middle)], CancellationToken.None);
    }
}
