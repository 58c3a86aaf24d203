using Anatomic.Engine.Hashing;
using Anatomic.Engine.Storage;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Engine.Tests.Hashing;

public sealed class DataCheckTests
{
    [Fact]
    public void A_check_reports_missing_and_invalid_data()
    {
        var world = Sample.World();
        var metainfo = Sample.Create(world, TorrentFormat.Hybrid);
        world.Files[$"{Sample.Folder}/b.bin"][70_000] ^= 1;
        world.Files[$"{Sample.Folder}/sub/run.sh"] = Sample.Bytes(40_000, 4)[..35_000];
        world.Files.Delete($"{Sample.Folder}/a.txt");
        world.Files[$"{Sample.Folder}/sub/whole"] = [.. world.Files[$"{Sample.Folder}/sub/whole"], 1];
        MemoryWorld.Run(async () =>
        {
            await using var storage = Sample.Open(world, metainfo, Sample.Folder);
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
    public void A_check_can_be_cancelled()
    {
        var world = Sample.World();
        var metainfo = Sample.Create(world, TorrentFormat.V1);
        Should.Throw<OperationCanceledException>(() =>
            MemoryWorld.Run(async () =>
            {
                await using var storage = Sample.Open(world, metainfo, Sample.Folder);
                var verifier = new PieceVerifier(metainfo, world.Workers);
                await DataCheck.RunAsync(storage, verifier, null, null, new CancellationToken(canceled: true));
            })
        );
    }
}
