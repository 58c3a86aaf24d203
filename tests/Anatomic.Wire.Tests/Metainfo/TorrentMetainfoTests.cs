using System.Text;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Wire.Tests.Metainfo;

public sealed class TorrentMetainfoTests
{
    [Fact]
    public void Tiers_take_precedence_over_the_single_tracker()
    {
        var metainfo = Torrents.Read(
            Around("8:announce8:http://x13:announce-listll8:http://a8:udp://b:el8:http://ael8:http://celi1ee0:e")
        );
        metainfo.AnnounceTiers.ShouldBe([
            ["http://a", "udp://b:"],
            ["http://c"],
        ]);
    }

    [Fact]
    public void Without_tiers_the_single_tracker_is_used()
    {
        Torrents
            .Read(Around("8:announce8:http://x13:announce-listle"))
            .AnnounceTiers.ShouldBe([
                ["http://x"],
            ]);
        Torrents.Read(Around("")).AnnounceTiers.ShouldBeEmpty();
    }

    [Fact]
    public void Web_seeds_are_a_list_or_a_single_string()
    {
        Torrents.Read(Around("", "8:url-list8:http://w")).WebSeeds.ShouldBe(["http://w"]);
        Torrents.Read(Around("", "8:url-listl8:http://w8:http://vi3ee")).WebSeeds.ShouldBe(["http://w", "http://v"]);
    }

    [Fact]
    public void Values_around_the_info_dictionary_are_read()
    {
        var metainfo = Torrents.Read(Around("7:comment2:hi10:created by2:me13:creation datei1700000000e"));
        metainfo.Comment.ShouldBe("hi");
        metainfo.CreatedBy.ShouldBe("me");
        metainfo.CreatedAt.ShouldBe(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000));
    }

    [Theory]
    [InlineData("<html>", "this is not a .torrent file")]
    [InlineData("de", "this is not a torrent: it has no info dictionary (at byte 0)")]
    [InlineData("d4:info3:abce", "the info value is not a dictionary (at byte 7)")]
    [InlineData("d4:infod4:name1:a12:piece lengthi0e6:pieces0:ee", "piece length 0 is not allowed (at byte 32)")]
    public void Files_that_are_not_torrents_are_rejected(string text, string fault)
    {
        TorrentMetainfo.TryRead(Encoding.UTF8.GetBytes(text), out _, out var found).ShouldBeFalse();
        found!.ToString().ShouldBe(fault);
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\0\0\0\0")]
    [InlineData("i1e<html>")]
    public void Bytes_behind_the_end_are_ignored(string tail)
    {
        var file = Around("8:announce8:http://x");
        var metainfo = Torrents.Read([.. file, .. Encoding.UTF8.GetBytes(tail)]);
        metainfo.Bytes.ToArray().ShouldBe(file);
        metainfo.Info.HashV1.ShouldBe(Torrents.Read(file).Info.HashV1);
        metainfo.Rewrite(new MetainfoEdit()).ShouldBe(file);
    }

    [Fact]
    public void Unreadable_values_around_the_info_dictionary_are_ignored()
    {
        var metainfo = Torrents.Read(
            Around("8:announce8:http://x13:announce-listi5e7:commenti1e13:creation datei1700000000.25e", "8:url-listie")
        );
        metainfo.AnnounceTiers.ShouldBe([
            ["http://x"],
        ]);
        (metainfo.Comment, metainfo.CreatedAt).ShouldBe((null, null));
        metainfo.WebSeeds.ShouldBeEmpty();
    }

    [Fact]
    public void Rewriting_keeps_everything_else_byte_for_byte()
    {
        var metainfo = Torrents.Read(Around("8:announce8:http://x5:extrad1:b0:1:ai01ee", "4:zzzz0:8:url-list1:w"));
        var edit = new MetainfoEdit
        {
            AnnounceTiers =
            [
                ["http://a"],
                ["udp://b", "http://c"],
            ],
            Anatomic = "d1:oi1ee"u8.ToArray(),
        };
        var bytes = metainfo.Rewrite(edit);
        Encoding
            .UTF8.GetString(bytes)
            .ShouldBe(
                "d8:anatomicd1:oi1ee8:announce8:http://a13:announce-listll8:http://ael7:udp://b8:http://cee"
                    + $"5:extrad1:b0:1:ai01ee4:info{Encoding.UTF8.GetString(Torrents.V1())}8:url-list1:w4:zzzz0:e"
            );
        var again = Torrents.Read(bytes);
        again.Info.HashV1.ShouldBe(metainfo.Info.HashV1);
        again.Anatomic!.TryGetInteger("o"u8, out var one).ShouldBeTrue();
        one.ShouldBe(1);
        var nothing = new MetainfoEdit
        {
            AnnounceTiers = [],
            WebSeeds = [],
            Anatomic = ReadOnlyMemory<byte>.Empty,
        };
        Encoding.UTF8.GetString(again.Rewrite(nothing)).ShouldStartWith("d5:extra");
    }

    [Fact]
    public void An_info_dictionary_from_peers_becomes_a_torrent()
    {
        var info = Torrents.Info(Torrents.V1());
        var edit = new MetainfoEdit
        {
            AnnounceTiers =
            [
                ["http://a"],
            ],
            WebSeeds = ["http://w"],
        };
        var metainfo = TorrentMetainfo.FromInfo(info, edit);
        metainfo.Info.HashV1.ShouldBe(info.HashV1);
        metainfo.AnnounceTiers.ShouldBe([
            ["http://a"],
        ]);
        metainfo.WebSeeds.ShouldBe(["http://w"]);
    }

    [Fact]
    public void Fetched_piece_layers_are_verified_and_added()
    {
        var whole = Torrents.Read(Torrents.Hybrid().Write());
        var bare = TorrentMetainfo.FromInfo(whole.Info, new MetainfoEdit());
        bare.HasAllPieceLayers.ShouldBeFalse();
        bare.MissingPieceLayers.Single().Display.ShouldBe("set/b");
        bare.PieceHashV2(new(1)).ShouldBeNull();
        bare.TryWithPieceLayers(whole.PieceLayers, out var again, out _).ShouldBeTrue();
        again.HasAllPieceLayers.ShouldBeTrue();

        var (root, layer) = whole.PieceLayers.Single();
        var wrong = layer.ToArray();
        wrong[40] ^= 1;
        var layers = new Dictionary<Hash32, ReadOnlyMemory<byte>> { [root] = wrong };
        bare.TryWithPieceLayers(layers, out _, out var fault).ShouldBeFalse();
        fault!.What.ShouldContain("does not match its root");
    }

    [Fact]
    public void A_piece_layer_of_another_file_is_rejected()
    {
        var bytes = Torrents.Hybrid().Write();
        var text = Encoding.Latin1.GetString(bytes);
        bytes[text.IndexOf("piece layers", StringComparison.Ordinal) + 12 + 4 + 32 + 4] ^= 1;
        TorrentMetainfo.TryRead(bytes, out _, out var fault).ShouldBeFalse();
        fault!.What.ShouldContain("does not match its root");
    }

    private static byte[] Around(string before, string after = "") =>
        [.. Encoding.UTF8.GetBytes($"d{before}4:info"), .. Torrents.V1(), .. Encoding.UTF8.GetBytes($"{after}e")];
}
