using System.Security.Cryptography;
using Anatomic.Wire.Identity;

namespace Anatomic.Wire.Tests.Identity;

public sealed class P256Tests
{
    [Theory]
    [InlineData( // The generator itself (SEC 2).
        "0000000000000000000000000000000000000000000000000000000000000001",
        "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
        "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
    )]
    [InlineData(
        "0000000000000000000000000000000000000000000000000000000000000002",
        "7cf27b188d034f7e8a52380304b51ac3c08969e277f21b35a60b48fc47669978",
        "07775510db8ed040293d9ac69f7430dbba7dade63ce982299e04b79d227873d1"
    )]
    [InlineData(
        "0000000000000000000000000000000000000000000000000000000000000003",
        "5ecbe4d1a6330a44c8f7ef951d4bf165e6c6b721efada985fb41661bc6e7fd6c",
        "8734640c4998ff7e374b06ce1a64a2ecd82ab036384fb83d9a79b127a27d5032"
    )]
    [InlineData( // RFC 6979, A.2.5
        "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
        "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6",
        "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"
    )]
    [InlineData( // n - 1: the generator mirrored.
        "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550",
        "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
        "b01cbd1c01e58065711814b583f061e9d431cca994cea1313449bf97c840ae0a"
    )]
    public void Public_keys_match_the_standard(string scalar, string x, string y)
    {
        var point = new byte[64];

        P256.TryPublicKey(Convert.FromHexString(scalar), point).ShouldBeTrue();

        Convert.ToHexStringLower(point).ShouldBe(x + y);
        P256.IsPoint(point).ShouldBeTrue();
    }

    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")]
    [InlineData("01")]
    public void A_scalar_outside_1_to_n_minus_1_is_rejected(string scalar) =>
        P256.TryPublicKey(Convert.FromHexString(scalar), new byte[64]).ShouldBeFalse();

    [Fact]
    public void Public_keys_match_the_platform()
    {
        for (byte i = 0; i < 8; i++)
        {
            var scalar = TorrentKey.Derive(new byte[32], new Hash20(i, 0, 0));
            using var key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = scalar });
            var theirs = key.ExportParameters(false).Q;
            var ours = new byte[64];

            P256.TryPublicKey(scalar, ours).ShouldBeTrue();

            ours.ShouldBe([.. theirs.X!, .. theirs.Y!]);
        }
    }

    [Fact]
    public void A_point_with_a_changed_byte_is_not_on_the_curve()
    {
        var point = new byte[64];
        P256.TryPublicKey(TorrentKey.Derive(new byte[32], default), point).ShouldBeTrue();
        point[40] ^= 1;

        P256.IsPoint(point).ShouldBeFalse();
    }

    [Fact]
    public void The_key_of_a_torrent_is_derived_as_the_specification_says()
    {
        var master = Enumerable.Range(0, 32).Select(i => (byte)i).ToArray();
        var first = new Hash20([.. Enumerable.Range(100, 20).Select(i => (byte)i)]);

        Convert
            .ToHexStringLower(TorrentKey.Derive(master, first))
            .ShouldBe("007239962dc10cedbd681dcbd3896505c66c364697fb15cc1dfa61561ea41982");
    }
}
