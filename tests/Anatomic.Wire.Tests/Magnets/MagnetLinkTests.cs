using System.Text;
using Anatomic.Wire.Magnets;
using Anatomic.Wire.Metainfo;
using FsCheck.Fluent;

namespace Anatomic.Wire.Tests.Magnets;

public sealed class MagnetLinkTests
{
    private const string V1 = "d0d14c926e6e99761a2fdcff27b403d96376eff6";
    private const string V2 = "caf1e1c30e81cb361b9ee167c4aa64228a7fa4fa9f6105232b28ad099f3a302e";

    [Fact]
    public void A_link_with_everything_is_read()
    {
        var link = Read(
            $"magnet:?xt=urn:btih:{V1}&xt=urn:btmh:1220{V2}&dn=A%20name+here"
                + "&tr=http%3A%2F%2Ft%2Fannounce&tr.1=udp://u:1"
                + "&ws=http%3A%2F%2Fw%2Fa%2Bb&x.pe=1.2.3.4:6881&x.pe=[::1]:6881&so=0,2,4,6-8&unknown=1"
        );
        link.HashV1!.Value.ToString().ShouldBe(V1);
        link.HashV2!.Value.ToString().ShouldBe(V2);
        link.SwarmIds.Select(id => id.ToString()).ShouldBe([V1, V2[..40]]);
        link.DisplayName.ShouldBe("A name here");
        link.Trackers.ShouldBe(["http://t/announce", "udp://u:1"]);
        link.WebSeeds.ShouldBe(["http://w/a+b"]);
        link.Peers.ShouldBe(["1.2.3.4:6881", "[::1]:6881"]);
        link.Select.ShouldBe([new(0, 0), new(2, 2), new(4, 4), new(6, 8)]);
        link.Selects(7).ShouldBeTrue();
        link.Selects(5).ShouldBeFalse();
    }

    [Fact]
    public void A_base32_hash_equals_the_hexadecimal_one()
    {
        Read("magnet:?xt=urn:btih:2DIUZETON2MXMGRP3T7SPNAD3FRXN37W").HashV1!.Value.ToString().ShouldBe(V1);
        Read("magnet:?xt=urn:btih:2diuzeton2mxmgrp3t7spnad3frxn37w").HashV1!.Value.ToString().ShouldBe(V1);
    }

    [Theory]
    [InlineData("http://example.org", "a magnet link starts with magnet:? (at byte 0)")]
    [InlineData("magnet:?dn=x", "the magnet link contains neither xt=urn:btih: nor xt=urn:btmh:")]
    [InlineData(
        "magnet:?dn=x&xt=urn:btih:12",
        "the btih hash is neither 40 hexadecimal nor 32 base32 digits (at byte 13)"
    )]
    [InlineData(
        "magnet:?xt=urn:btmh:1114aa",
        "the btmh hash is not 1220 followed by 64 hexadecimal digits (at byte 8)"
    )]
    [InlineData(
        $"magnet:?xt=urn:btih:{V1}&xt=urn:btih:0000000000000000000000000000000000000000",
        "the magnet link contains two different btih hashes (at byte 61)"
    )]
    public void Faults_are_described(string text, string fault)
    {
        MagnetLink.TryParse(text, out _, out var found).ShouldBeFalse();
        found!.ToString().ShouldBe(fault);
    }

    [Theory]
    [InlineData("&so=junk", "")]
    [InlineData("&so=3-1", "")]
    [InlineData("&so=3-1,5,-,7-99999999999,2-4", "5,2-4")]
    [InlineData("&xt=urn:btmh:1114aa&so=1", "1")]
    [InlineData("&xt=urn:btih:12&so=1", "1")]
    [InlineData("&xt=urn:sha1:xyz&x.pe=&tr=&so=", "")]
    public void A_parameter_without_sense_is_ignored(string junk, string select)
    {
        var link = Read($"magnet:?xt=urn:btih:{V1}{junk}");
        link.HashV1!.Value.ToString().ShouldBe(V1);
        link.HashV2.ShouldBeNull();
        string.Join(',', link.Select).ShouldBe(select);
    }

    [Fact]
    public void Every_link_round_trips() =>
        FsCheck.Check.QuickThrowOnFailure(
            Prop.ForAll(
                ArbMap.Default.ArbFor<(FsCheck.NonNull<string>, FsCheck.NonNull<string>, byte, bool)>(),
                sample =>
                {
                    var (name, tracker, number, both) = sample;
                    var link = new MagnetLink
                    {
                        HashV1 = new Hash20(1, number, 3),
                        HashV2 = both ? new Hash32(number, 2, 3, 4) : null,
                        DisplayName = Valid(name.Get) is { Length: > 0 } valid ? valid : null,
                        Trackers = Valid(tracker.Get) is { Length: > 0 } url ? [url] : [],
                        Peers = ["host:1"],
                        Select = [new FileRange(number, number + 3), new FileRange(7, 7)],
                    };
                    var again = Read(link.ToString());
                    again.ToString().ShouldBe(link.ToString());
                    again.DisplayName.ShouldBe(link.DisplayName);
                    again.Trackers.ShouldBe(link.Trackers);
                    again.Select.ShouldBe(link.Select);
                    again.SwarmIds.ShouldBe(link.SwarmIds);
                }
            )
        );

    [Fact]
    public void The_link_of_a_torrent_contains_its_trackers()
    {
        var bytes = new MetainfoDraft
        {
            Format = TorrentFormat.V1,
            Name = "data",
            IsSingleFile = true,
            PieceLength = 16384,
            Files = [new DraftFile { Path = ["data"], Length = 5 }],
            PieceHashesV1 = new byte[20],
            AnnounceTiers =
            [
                ["http://a/announce", "udp://b:1"],
                ["http://c/announce"],
            ],
            WebSeeds = ["http://w/"],
        }.Write();
        TorrentMetainfo.TryRead(bytes, out var metainfo, out _).ShouldBeTrue();
        MagnetLink
            .Of(metainfo)
            .ToString()
            .ShouldBe(
                $"magnet:?xt=urn:btih:{metainfo.Info.HashV1}&dn=data&tr=http%3A%2F%2Fa%2Fannounce&tr=udp%3A%2F%2Fb%3A1"
                    + "&tr=http%3A%2F%2Fc%2Fannounce&ws=http%3A%2F%2Fw%2F"
            );
    }

    // A lone surrogate cannot be encoded as UTF-8, so no link can contain it.
    private static string Valid(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    private static MagnetLink Read(string text)
    {
        MagnetLink.TryParse(text, out var link, out var fault).ShouldBeTrue(fault?.ToString());
        return link;
    }
}
