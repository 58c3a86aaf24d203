using System.Security.Cryptography;
using System.Text;
using Anatomic.Wire.Metainfo;
using FsCheck;
using FsCheck.Fluent;

namespace Anatomic.Wire.Tests.Metainfo;

public sealed class TorrentInfoTests
{
    private const string Root = "0123456789abcdef0123456789abcdef";
    private const string Zeros = "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

    [Fact]
    public void A_single_file_of_v1()
    {
        var raw = Torrents.V1(("private", "i1e"), ("source", "3:tag"));
        var info = Torrents.Info(raw);
        info.HashV1.ShouldBe(new Hash20(SHA1.HashData(raw)));
        info.HashV2.ShouldBeNull();
        info.SwarmIds.ShouldBe([info.HashV1!.Value]);
        (info.Name, info.IsSingleFile, info.Size, info.PieceCount).ShouldBe(("data", true, 100_000, 2));
        (info.IsPrivate, info.SourceTag).ShouldBe((true, "tag"));
        info.PieceSize(new(0)).ShouldBe(65_536);
        info.PieceSize(new(1)).ShouldBe(34_464);
        info.PieceHashV1(new(1)).ToArray().ShouldBe(Encoding.UTF8.GetBytes(new string('h', 20)));
    }

    [Fact]
    public void A_hybrid_has_both_parts_and_padding()
    {
        var metainfo = Torrents.Read(Torrents.Hybrid().Write());
        var info = metainfo.Info;
        info.SwarmIds.ShouldBe([info.HashV1!.Value, info.HashV2!.Value.Truncated]);
        info.Files.Select(file => (file.Display, file.Length, file.Offset, file.IsPadding))
            .ShouldBe([
                ("set/a/one", 100, 0, false),
                ("set/.pad/16284", 16_284, 100, true),
                ("set/b", 32_769, 16_384, false),
                ("set/c", 0, 49_153, false),
            ]);
        info.ContentFiles.Count.ShouldBe(3);
        metainfo.HasAllPieceLayers.ShouldBeTrue();
        metainfo.PieceHashV2(new(0)).ShouldBe(new Hash32(9, 9, 9, 9));
        metainfo.PieceHashV2(new(2)).ShouldBe(new Hash32(1, 2, 3, 4));
        info.PieceContentSize(new(0)).ShouldBe(100);
        info.PieceSize(new(3)).ShouldBe(1);
    }

    [Fact]
    public void In_a_v2_only_torrent_pieces_end_with_their_files()
    {
        var info = Torrents.Read((Torrents.Hybrid() with { Format = TorrentFormat.V2 }).Write()).Info;
        info.HashV1.ShouldBeNull();
        info.PieceCount.ShouldBe(4);
        info.PieceSize(new(0)).ShouldBe(100);
        info.PieceSize(new(1)).ShouldBe(16_384);
        info.FileAt(16_000).Display.ShouldBe("set/a/one");
        info.FilesIn(16_000, 400).Select(file => file.Display).ShouldBe(["set/b"]);
    }

    [Fact]
    public void Unsorted_keys_keep_the_hash_of_the_original()
    {
        var hashes = new string('h', 20);
        var raw = Encoding.UTF8.GetBytes($"d6:pieces20:{hashes}4:name1:a12:piece lengthi016384e6:lengthi1ee");
        Torrents.Info(raw).HashV1.ShouldBe(new Hash20(SHA1.HashData(raw)));
    }

    [Theory]
    [InlineData("piece length", "i0e", "piece length 0 is not allowed (at byte 44)")]
    [InlineData("piece length", "i-1e", "piece length -1 is not allowed (at byte 44)")]
    [InlineData("piece length", "i134217729e", "piece length 134217729 is not allowed (at byte 44)")]
    [InlineData("piece length", "", "the info dictionary has no piece length (at byte 0)")]
    [InlineData("name", "", "the info dictionary has no name (at byte 0)")]
    [InlineData("pieces", "", "the info dictionary has no pieces (at byte 0)")]
    [InlineData("pieces", "3:abc", "the pieces are not a string of 20 bytes per piece (at byte 59)")]
    [InlineData("pieces", "0:", "there are 0 piece hashes, but the files have 2 pieces (at byte 59)")]
    [InlineData("length", "", "the info dictionary has neither a length nor files (at byte 0)")]
    [InlineData("length", "i-5e", "a file has the length -5 (at byte 9)")]
    [InlineData("length", "i0e", "the torrent contains no data (at byte 0)")]
    [InlineData("length", "i9223372036854775807e", "the files need more than 2,097,152 pieces (at byte 0)")]
    [InlineData("files", "le", "the files are not a list, or the list is empty (at byte 8)")]
    [InlineData("files", "ld6:lengthi1eee", "a file has no path (at byte 9)")]
    [InlineData("files", "ld6:lengthi1e4:pathleee", "a file has no path (at byte 9)")]
    [InlineData("files", "ld4:pathl1:aeee", "a file has no length (at byte 9)")]
    [InlineData("meta version", "i3e", "meta version 3 is not supported (at byte 32)")]
    [InlineData("meta version", "i2e", "a v2 info dictionary has no file tree (at byte 0)")]
    public void Faults_have_a_position(string key, string encoded, string fault) =>
        Torrents.Refuse(Torrents.V1((key, encoded))).ShouldBe(fault);

    [Fact]
    public void A_sum_of_lengths_cannot_overflow()
    {
        const string one = "d6:lengthi9223372036854775807e4:pathl1:aee";
        Torrents.Refuse(Torrents.V1(("files", $"l{one}{one}e"))).ShouldContain("more than 2,097,152 pieces");
    }

    [Theory]
    [InlineData("6:lengthi100e", "6:lengthi101e", "disagree about the file set/a/one")]
    [InlineData("l1:a3:onee", "l1:a3:twoe", "disagree about the file set/a/two")]
    [InlineData("6:lengthi0e4:path", "6:lengthi2e4:path", "disagree about the file set/c")]
    public void A_hybrid_whose_parts_disagree_is_rejected(string there, string instead, string fault)
    {
        var text = Encoding.Latin1.GetString(Torrents.Hybrid().Write());
        var at = text.LastIndexOf(there, StringComparison.Ordinal);
        at.ShouldBeGreaterThan(0);
        var broken = text[..at] + instead + text[(at + there.Length)..];
        TorrentMetainfo.TryRead(Encoding.Latin1.GetBytes(broken), out _, out var found).ShouldBeFalse();
        found!.What.ShouldContain(fault);
    }

    [Theory]
    [InlineData("d1:a0:e", "neither a file nor a folder")]
    [InlineData("d1:adee", "a folder of the file tree is empty")]
    [InlineData("d1:ad0:d6:lengthi5eeee", "a file with data has no pieces root")]
    [InlineData("d1:ad0:d6:lengthi5e11:pieces root3:abceee", "a file with data has no pieces root")]
    [InlineData($"d1:ad0:d6:lengthi5e11:pieces root32:{Zeros}eee", "a file with data has no pieces root")]
    [InlineData(
        $"d1:ad0:d6:lengthi50000e11:pieces root32:{Root}ee1:bd0:d6:lengthi90000e11:pieces root32:{Root}eee",
        "the file x/b has the pieces root of a file of another length"
    )]
    [InlineData(
        $"d1:ad0:d6:lengthi5e11:pieces root32:{Root}ee1:bd0:d6:lengthi90000e11:pieces root32:{Root}eee",
        "the file x/b has the pieces root of a file of another length"
    )]
    [InlineData("d1:bd0:d6:lengthi0eee1:ad0:d6:lengthi0eeee", "is not sorted")]
    [InlineData("d1:ad0:d6:lengthi0ee1:bd0:d6:lengthi0eeeee", "a file and a folder")]
    public void A_malformed_file_tree_is_rejected(string tree, string fault)
    {
        var info = $"d9:file tree{tree}12:meta versioni2e4:name1:x12:piece lengthi16384ee";
        Torrents.Refuse(Encoding.UTF8.GetBytes(info)).ShouldContain(fault);
    }

    [Fact]
    public void Files_with_equal_content_share_a_root()
    {
        var file = $"d0:d6:lengthi90000e11:pieces root32:{Root}ee";
        var info = $"d9:file treed1:a{file}1:b{file}e12:meta versioni2e4:name1:x12:piece lengthi16384ee";
        Torrents
            .Info(Encoding.UTF8.GetBytes(info))
            .Files.Select(each => each.PiecesRoot)
            .Distinct()
            .Count()
            .ShouldBe(1);
    }

    [Theory]
    [InlineData($"11:pieces root32:{Zeros}")]
    [InlineData($"11:pieces root32:{Root}")]
    [InlineData("11:pieces rooti5e")]
    public void The_root_of_an_empty_file_is_ignored(string root)
    {
        var data = $"d0:d6:lengthi5e11:pieces root32:{Root}ee";
        var empty = $"d0:d6:lengthi0e{root}ee";
        var info = $"d9:file treed1:a{data}1:b{empty}e12:meta versioni2e4:name1:x12:piece lengthi16384ee";
        Torrents.Info(Encoding.UTF8.GetBytes(info)).Files[1].PiecesRoot.ShouldBeNull();
    }

    [Fact]
    public void Padding_needs_no_path_and_a_link_has_no_length()
    {
        const string files =
            "ld6:lengthi90000e4:pathl1:aeed4:attr1:p6:lengthi10000eed4:attr1:l6:lengthi90000e4:pathl1:le"
            + "12:symlink pathl1:aeee";
        var info = Torrents.Info(Torrents.V1(("length", ""), ("files", files)));
        info.Files.Select(file => (file.Display, file.Length, file.IsPadding))
            .ShouldBe([("data/a", 90_000, false), ("data/.pad/10000", 10_000, true), ("data/l", 0, false)]);
        info.Files[2].LinkTarget.ShouldBe(["a"]);
    }

    [Theory]
    [InlineData("d6:lengthi100000e4:pathl1:ae10:path.utf-8li3eee")]
    [InlineData("d6:lengthi100000e4:pathl1:ae10:path.utf-8lee")]
    [InlineData("d4:attri7e6:lengthi100000e4:pathl1:ae5:mtimei12345678901234567890123ee")]
    public void An_unreadable_value_that_is_not_needed_spoils_nothing(string file) =>
        Torrents
            .Info(
                Torrents.V1(
                    ("length", ""),
                    ("files", $"l{file}e"),
                    ("private", "i99999999999999999999999e"),
                    ("source", "ie"),
                    ("name.utf-8", "0:")
                )
            )
            .Files.Single()
            .Display.ShouldBe("data/a");

    [Theory]
    [InlineData("piece length", "i99999999999999999999999e", "the info dictionary has no piece length (at byte 0)")]
    [InlineData("length", "i1.5e", "a file has no length (at byte 0)")]
    public void An_unreadable_value_that_is_needed_is_a_fault(string key, string encoded, string fault) =>
        Torrents.Refuse(Torrents.V1((key, encoded))).ShouldBe(fault);

    [Fact]
    public void An_info_dictionary_from_peers_is_rejected_if_no_file_could_hold_it()
    {
        byte[] Nested(int lists) => Torrents.V1(("x", new string('l', lists) + new string('e', lists)));
        var deepest = Torrents.Info(Nested(BencodeLimits.MaxDepth - 1));
        TorrentMetainfo.FromInfo(deepest, new MetainfoEdit()).Info.HashV1.ShouldBe(deepest.HashV1);
        Torrents.Refuse(Nested(BencodeLimits.MaxDepth)).ShouldContain("nested deeper");
    }

    [Fact]
    public void A_v2_piece_length_is_a_power_of_two() =>
        Torrents
            .Refuse("d9:file treede12:meta versioni2e4:name1:x12:piece lengthi49152ee"u8.ToArray())
            .ShouldStartWith("piece length 49152 is not a power of two of at least 16 KiB, as v2 requires");

    [Fact]
    public void Any_changed_byte_is_read_or_rejected_without_an_exception()
    {
        var good = Torrents.Hybrid().Write();
        Check.QuickThrowOnFailure(
            Prop.ForAll(
                ArbMap.Default.ArbFor<(NonNegativeInt, byte)>(),
                change =>
                {
                    var bytes = good.ToArray();
                    bytes[change.Item1.Get % bytes.Length] = change.Item2;
                    var fine = TorrentMetainfo.TryRead(bytes, out var metainfo, out var fault);
                    fine.ShouldBe(metainfo is not null);
                    fine.ShouldBe(fault is null);
                }
            )
        );
    }
}
