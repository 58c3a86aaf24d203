using Anatomic.Engine.Creation;
using Anatomic.Engine.Hashing;
using Anatomic.Engine.Storage;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Engine.Tests.Creation;

public sealed class TorrentCreatorTests
{
    [Theory]
    [InlineData(TorrentFormat.V1)]
    [InlineData(TorrentFormat.V2)]
    [InlineData(TorrentFormat.Hybrid)]
    public void The_data_of_a_created_torrent_is_valid(TorrentFormat format)
    {
        var world = Sample.World();
        var metainfo = Sample.Create(world, format);
        metainfo.Info.HasV1.ShouldBe(format != TorrentFormat.V2);
        metainfo.Info.HasV2.ShouldBe(format != TorrentFormat.V1);
        metainfo.HasAllPieceLayers.ShouldBeTrue();
        metainfo.Info.Size.ShouldBe(100_000 + 5 + 2 * 32_768 + 40_000);
        metainfo
            .Info.ContentFiles.Select(file => file.Display)
            .ShouldBe(["set/a.txt", "set/b.bin", "set/sub/empty", "set/sub/run.sh", "set/sub/whole"]);
        metainfo.Info.ContentFiles.Single(file => file.IsExecutable).Display.ShouldBe("set/sub/run.sh");
        var result = Check(world, metainfo, Sample.Folder);
        result.Good.IsFull.ShouldBeTrue();
        result.Files.ShouldAllBe(file => file.IsGood);
    }

    [Theory]
    [InlineData(TorrentFormat.V1, 7)]
    [InlineData(TorrentFormat.V2, 7)]
    [InlineData(TorrentFormat.Hybrid, 7)]
    [InlineData(TorrentFormat.Hybrid, 16_384)]
    [InlineData(TorrentFormat.Hybrid, 32_768)]
    [InlineData(TorrentFormat.Hybrid, 1_000_000)]
    public void A_single_file_has_no_folder(TorrentFormat format, int length)
    {
        var world = new MemoryWorld();
        world.Files["/data/one.bin"] = Sample.Bytes(length, 1);
        var metainfo = Sample.Create(world, format, "/data/one.bin");
        metainfo.Info.IsSingleFile.ShouldBeTrue();
        metainfo.Info.Files.Single().Path.ShouldBe(["one.bin"]);
        Check(world, metainfo, "/data/one.bin").Good.IsFull.ShouldBeTrue();
    }

    [Fact]
    public void A_hybrid_torrent_has_padding_only_between_files()
    {
        var metainfo = Sample.Create(Sample.World(), TorrentFormat.Hybrid);
        metainfo
            .Info.Files.Where(file => file.IsPadding)
            .Select(file => file.Length)
            .ShouldBe([32_763, 31_072, 25_536]);
        metainfo.Info.Files[^1].IsPadding.ShouldBeFalse();
        metainfo.Info.SpaceLength.ShouldBe(32_768 * 9);
        metainfo.Info.PieceContentSize(new(0)).ShouldBe(5);
        metainfo.Info.PieceSize(new(0)).ShouldBe(32_768);
    }

    [Fact]
    public void The_same_data_gives_the_same_bytes()
    {
        var first = Sample.Create(Sample.World(), TorrentFormat.Hybrid);
        var second = Sample.Create(Sample.World(), TorrentFormat.Hybrid);
        second.Bytes.Span.SequenceEqual(first.Bytes.Span).ShouldBeTrue();
    }

    [Fact]
    public void The_options_are_written_to_the_torrent()
    {
        var world = Sample.World();
        MemoryWorld.Run(async () =>
        {
            var reports = new List<CreateProgress>();
            var created = await TorrentCreator.CreateAsync(
                world,
                Sample.Folder + "/",
                new CreateOptions
                {
                    AnnounceTiers =
                    [
                        ["http://a/announce"],
                        ["udp://b:1"],
                    ],
                    WebSeeds = ["http://w/"],
                    IsPrivate = true,
                    Comment = "hello",
                    SourceTag = "here",
                    CreatedAt = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000),
                    Name = "other",
                    Threads = 1,
                },
                reports.Add,
                CancellationToken.None
            );
            created.Info.Name.ShouldBe("other");
            created.Info.IsPrivate.ShouldBeTrue();
            created.Info.SourceTag.ShouldBe("here");
            created.Info.PieceLength.ShouldBe(16_384);
            created.AnnounceTiers.ShouldBe([
                ["http://a/announce"],
                ["udp://b:1"],
            ]);
            created.WebSeeds.ShouldBe(["http://w/"]);
            created.Comment.ShouldBe("hello");
            created.CreatedBy.ShouldBe("Anatomic");
            created.CreatedAt.ShouldBe(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000));
            reports[^1].ShouldBe(new CreateProgress(created.Info.Size, created.Info.Size));
        });
    }

    [Fact]
    public void A_file_that_grows_meanwhile_is_reported()
    {
        var world = Sample.World();
        world.Files.BeforeRead = path =>
        {
            world.Files.BeforeRead = null;
            world.Files[path] = Sample.Bytes(200_000, 9);
        };
        Should
            .Throw<EngineException>(() => Sample.Create(world, TorrentFormat.V1))
            .Message.ShouldContain("changed while it was read");
    }

    [Fact]
    public void A_file_that_shrinks_meanwhile_is_reported()
    {
        var world = Sample.World();
        world.Files.BeforeRead = path => world.Files[$"{Sample.Folder}/sub/whole"] = [];
        Should
            .Throw<EngineException>(() => Sample.Create(world, TorrentFormat.V2))
            .Message.ShouldBe(
                "set/sub/whole changed while it was read. Create the torrent again when nothing writes to it."
            );
    }

    [Fact]
    public void Invalid_data_and_options_are_reported()
    {
        var world = new MemoryWorld();
        world.Files["/data/empty/nothing"] = [];
        Should
            .Throw<EngineException>(() => Sample.Create(world, TorrentFormat.V1, "/data/none"))
            .Message.ShouldContain("does not exist");
        Should
            .Throw<EngineException>(() => Sample.Create(world, TorrentFormat.V1, "/data/empty"))
            .Message.ShouldContain("no data");
        var options = new CreateOptions { PieceLength = 20_000 };
        Should
            .Throw<EngineException>(() =>
                MemoryWorld.Run(() =>
                    TorrentCreator.CreateAsync(Sample.World(), Sample.Folder, options, null, CancellationToken.None)
                )
            )
            .Message.ShouldContain("power of two");
    }

    [Fact]
    public void Files_with_names_that_need_cleaning_are_found_by_their_original_names()
    {
        var world = new MemoryWorld();
        world.Files["/data/What?/a:b"] = Sample.Bytes(10, 1);
        world.Files["/data/What?/aux.c"] = Sample.Bytes(20, 2);
        world.Files["/data/What?/README"] = Sample.Bytes(30, 3);
        world.Files["/data/What?/Readme"] = Sample.Bytes(40, 4);
        var metainfo = Sample.Create(world, TorrentFormat.Hybrid, "/data/What?");
        metainfo
            .Info.ContentFiles.Select(file => file.Display)
            .ShouldBe(["What_/README", "What_/Readme~1", "What_/a_b", "What_/_aux.c"]);
        StorageLayout? layout = null;
        MemoryWorld.Run(async () =>
            layout = await DataLocator.PlanAsync(
                world.Disk,
                metainfo.Info,
                new DataPlace("/data", IsTorrent: false),
                CancellationToken.None
            )
        );
        layout!.Root.Full.ShouldBe("/data/What?");
        metainfo
            .Info.ContentFiles.Select(file => layout.PathOf(file).Full)
            .ShouldBe(["/data/What?/README", "/data/What?/Readme", "/data/What?/a:b", "/data/What?/aux.c"]);
        Check(world, metainfo, layout).Good.IsFull.ShouldBeTrue();
    }

    private static CheckResult Check(MemoryWorld world, TorrentMetainfo metainfo, string root) =>
        Check(world, metainfo, Sample.LayoutOf(metainfo, root));

    private static CheckResult Check(MemoryWorld world, TorrentMetainfo metainfo, StorageLayout layout)
    {
        CheckResult? result = null;
        MemoryWorld.Run(async () =>
        {
            await using var storage = new TorrentStorage(world.Disk, metainfo.Info, layout);
            var verifier = new PieceVerifier(metainfo, world.Workers);
            result = await DataCheck.RunAsync(storage, verifier, null, null, CancellationToken.None);
        });
        return result!;
    }
}
