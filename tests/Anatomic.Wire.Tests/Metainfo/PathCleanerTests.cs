using System.Text;
using Anatomic.Wire.Bencoding;
using Anatomic.Wire.Metainfo;
using FsCheck;
using FsCheck.Fluent;

namespace Anatomic.Wire.Tests.Metainfo;

public sealed class PathCleanerTests
{
    [Theory]
    [InlineData("plain.txt", "plain.txt")]
    [InlineData("..", "__")]
    [InlineData(".", "_")]
    [InlineData("", "_")]
    [InlineData("../../etc/passwd", ".._.._etc_passwd")]
    [InlineData("c:\\windows", "c__windows")]
    [InlineData("a\0b\u001fc\u007f", "a_b_c_")]
    [InlineData("CON", "_CON")]
    [InlineData("nul.txt", "_nul.txt")]
    [InlineData("com1.tar.gz", "_com1.tar.gz")]
    [InlineData("community", "community")]
    [InlineData("ends with dots..", "ends with dots__")]
    [InlineData("ends with a space ", "ends with a space_")]
    [InlineData("a<b>c\"d|e?f*g", "a_b_c_d_e_f_g")]
    [InlineData("gpj\u202eexe", "gpj_exe")]
    [InlineData("naïve 名前", "naïve 名前")]
    public void Names_are_cleaned(string written, string cleaned) =>
        Read([written])[0].Path.ShouldBe(["data", cleaned]);

    [Fact]
    public void A_long_name_is_cut_before_its_extension_and_between_characters()
    {
        var name = Read([$"{new string('é', 200)}.tar"])[0].Path[1];
        Encoding.UTF8.GetByteCount(name).ShouldBeInRange(250, 255);
        name.ShouldEndWith("é.tar");
    }

    [Fact]
    public void Colliding_names_are_numbered_in_the_torrents_order() =>
        Read(["a", "Read.me"], ["A", "x"], ["a", "READ.ME"], ["a"], ["a", "read.me"])
            .Select(file => file.Display)
            .ShouldBe(["data/a/Read.me", "data/A~1/x", "data/a/READ~1.ME", "data/a~2", "data/a/read~2.me"]);

    [Fact]
    public void A_name_that_some_file_systems_allow_is_kept_as_the_original_path()
    {
        Read(["a:b"])[0].OriginalPath.ShouldBe(["data", "a:b"]);
        Read([".."])[0].OriginalPath.ShouldBeNull();
        Read(["plain"])[0].OriginalPath.ShouldBeNull();
    }

    [Fact]
    public void A_link_target_is_cleaned()
    {
        const string link = "d4:attr1:l4:pathl4:linke12:symlink pathl2:..2:..3:etcee";
        var info = Torrents.Info(Torrents.V1(("length", ""), ("files", $"ld6:lengthi100000e4:pathl1:aee{link}e")));
        info.Files[1].LinkTarget.ShouldBe(["__", "__", "etc"]);
        info.Files[1].Length.ShouldBe(0);
    }

    [Fact]
    public void Any_path_stays_in_the_folder() =>
        Check.QuickThrowOnFailure(
            Prop.ForAll(
                ArbMap.Default.ArbFor<NonEmptyArray<NonNull<string>>>(),
                names =>
                {
                    var files = Read([.. names.Get.Select(name => new[] { name.Get })]);
                    foreach (var part in files.SelectMany(file => file.Path))
                    {
                        part.ShouldNotBeEmpty();
                        part.ShouldNotBe("..");
                        part.IndexOfAny(['/', '\\', '\0', ':']).ShouldBe(-1);
                        Encoding.UTF8.GetByteCount(part).ShouldBeLessThanOrEqualTo(255);
                    }
                    files
                        .Select(file => file.Display)
                        .Distinct(StringComparer.OrdinalIgnoreCase)
                        .Count()
                        .ShouldBe(files.Count);
                }
            )
        );

    private static IReadOnlyList<TorrentFile> Read(params string[][] paths)
    {
        var writer = new BencodeWriter().BeginDictionary().Key("files"u8).BeginList();
        foreach (var path in paths)
        {
            writer.BeginDictionary().Key("length"u8).Integer(1).Key("path"u8).BeginList();
            Array.ForEach(path, part => writer.Text(part));
            writer.End().End();
        }
        writer.End().Key("name"u8).Text("data").Key("piece length"u8).Integer(16_384);
        return Torrents.Info(writer.Key("pieces"u8).Bytes(new byte[20]).End().ToArray()).Files;
    }
}
