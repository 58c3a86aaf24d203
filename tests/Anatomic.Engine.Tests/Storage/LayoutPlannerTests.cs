using System.Text;
using Anatomic.Engine.Storage;
using Anatomic.Wire.Bencoding;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Engine.Tests.Storage;

public sealed class LayoutPlannerTests
{
    private static readonly DataPlace Place = new("/down", IsTorrent: false);

    [Fact]
    public void Two_files_of_one_path_never_share_it()
    {
        var info = Torrent(["f"], ["f"], ["F"], ["f", "inside"]);
        foreach (
            var there in (string[][])
                [
                    [],
                    ["f"],
                    ["f", "F"],
                    ["F"],
                ]
        )
        {
            var layout = LayoutPlanner.Plan(info, Place, "set", there.Contains);
            Paths(info, layout).ShouldBeUnique();
        }
        Paths(info, LayoutPlanner.Plan(info, Place, "set", _ => false)).Select(PathCleaner.Fold).ShouldBeUnique();
    }

    [Fact]
    public void A_name_that_differs_only_in_case_is_kept_only_if_the_disk_has_both()
    {
        var info = Torrent(["README"], ["Readme"]);
        Paths(info, LayoutPlanner.Plan(info, Place, "set", path => path == "Readme"))
            .ShouldBe(["/down/set/README", "/down/set/Readme~1"]);
        Paths(info, LayoutPlanner.Plan(info, Place, "set", path => path is "README" or "Readme"))
            .ShouldBe(["/down/set/README", "/down/set/Readme"]);
    }

    [Fact]
    public void Names_that_some_system_forbids_are_cleaned_unless_they_exist()
    {
        var info = Torrent(["C:", "x"], ["a?", "aux"], ["end. "]);
        Paths(info, LayoutPlanner.Plan(info, Place, "set", _ => false))
            .ShouldBe(["/down/set/C_/x", "/down/set/a_/_aux", "/down/set/end__"]);
        Paths(info, LayoutPlanner.Plan(info, Place, "set", path => path == "a?/aux"))
            .ShouldBe(["/down/set/C_/x", "/down/set/a?/aux", "/down/set/end__"]);
    }

    [Fact]
    public void A_layout_is_read_as_it_was_written()
    {
        var info = Torrent(["a"], ["b", "c"], ["d"]);
        var layout = LayoutPlanner
            .Plan(info, Place, "other name", _ => false)
            .WithPath(info.ContentFiles[1], "x/y")
            .WithParts(new HashSet<int> { 2 });
        var read = StorageLayout.Read(Encode(layout), info)!;
        read.HasSamePaths(layout).ShouldBeTrue();
        read.IsInParts(info.ContentFiles[2]).ShouldBeTrue();
        read.IsInParts(info.ContentFiles[0]).ShouldBeFalse();
        Paths(info, read).ShouldBe(["/down/other name/a", "/down/other name/x/y", "/down/other name/d"]);
        read.PartFile.Full.ShouldBe($"/down/.{info.SwarmIds[0]}.parts");
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("/x")]
    [InlineData("a//b")]
    [InlineData("")]
    public void A_stored_layout_that_leaves_its_folder_is_not_used(string path)
    {
        var info = Torrent(["a"], ["b"]);
        var layout = LayoutPlanner.Plan(info, Place, "set", _ => false).WithPath(info.ContentFiles[0], path);
        StorageLayout.Read(Encode(layout), info).ShouldBeNull();
    }

    private static BencodeValue Encode(StorageLayout layout)
    {
        var writer = new BencodeWriter();
        layout.Write(writer);
        BencodeValue.TryParse(writer.ToArray(), BencodeMode.Strict, out var value, out _).ShouldBeTrue();
        return value!;
    }

    private static string[] Paths(TorrentInfo info, StorageLayout layout) =>
        [.. info.ContentFiles.Select(file => layout.PathOf(file).Full)];

    private static TorrentInfo Torrent(params string[][] paths)
    {
        var writer = new BencodeWriter().BeginDictionary().Key("files"u8).BeginList();
        foreach (var path in paths)
        {
            writer.BeginDictionary().Key("length"u8).Integer(10).Key("path"u8).BeginList();
            foreach (var part in path)
            {
                writer.Text(part);
            }
            writer.End().End();
        }
        writer.End().Key("name"u8).Text("set").Key("piece length"u8).Integer(16_384);
        writer.Key("pieces"u8).Bytes(Encoding.ASCII.GetBytes(new string('h', 20))).End();
        TorrentInfo.TryRead(writer.ToArray(), out var info, out var fault).ShouldBeTrue(fault?.ToString());
        return info!;
    }
}
