using System.Text;
using Anatomic.Wire.Bencoding;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;

namespace Anatomic.Wire.Tests.Network;

public sealed class SignedItemTests
{
    private static readonly byte[] Key = KeyOf(1);
    private static readonly Hash32 Counting = new([.. Enumerable.Range(0, 32).Select(i => (byte)i)]);

    internal static byte[] KeyOf(byte scalar)
    {
        var point = new byte[64];
        P256.TryPublicKey([.. new byte[31], scalar], point).ShouldBeTrue();
        return point;
    }

    internal static Signed<T> Sign<T>(T item)
        where T : class, INetworkItem<T>
    {
        var envelope = SignedItem.Assemble(Key, new byte[64], item.Write());
        Signed
            .TryReadUnverified<T>(envelope.Raw, NetworkName.Main, out var signed, out var fault)
            .ShouldBeTrue(fault?.ToString());
        return signed!;
    }

    [Fact]
    public void The_signed_text_contains_network_algorithm_and_type()
    {
        var text = SignedItem.TextToSign(NetworkName.LocalDefault, "unplant", "de"u8);

        Encoding.ASCII.GetString(text).ShouldBe("anatomic1:local-default:1:unplant:de");
    }

    [Fact]
    public void The_digest_matches_the_specification()
    {
        var unplant = Sign(new Unplant(Counting, 1_700_000_000_000));

        unplant.Digest.ToString().ShouldBe("2685184bccfd12fa9f472d6ba0f05f545abae44442ab5cbed9c30f143ad4c568");
    }

    [Fact]
    public void The_digest_does_not_depend_on_the_signature()
    {
        var value = new Unplant(Counting, 5).Write();
        var other = Enumerable.Repeat((byte)7, 64).ToArray();
        var envelope = SignedItem.Assemble(Key, other, value);

        Signed.TryReadUnverified<Unplant>(envelope, NetworkName.Main, out var signed, out _).ShouldBeTrue();

        signed!.Digest.ShouldBe(Sign(new Unplant(Counting, 5)).Digest);
    }

    [Fact]
    public void An_item_has_different_digests_in_different_networks()
    {
        var here = Sign(new Unplant(Counting, 5));
        Signed.TryReadUnverified<Unplant>(here.Envelope, NetworkName.LocalDefault, out var there, out _).ShouldBeTrue();

        there!.Digest.ShouldNotBe(here.Digest);
    }

    [Theory]
    [InlineData("")]
    [InlineData("de")]
    [InlineData("i1e")]
    [InlineData("d1:ai1e1:k0:1:s0:1:vdee")]
    public void Malformed_envelopes_are_rejected(string text) =>
        SignedItem.TryRead(Encoding.ASCII.GetBytes(text), 100, out _, out _).ShouldBeFalse();

    [Fact]
    public void An_envelope_with_an_extra_key_is_rejected()
    {
        var raw = Sign(new Unplant(Counting, 5)).Raw.ToArray();
        byte[] longer = [.. raw[..^1], .. "1:x0:e"u8];

        SignedItem.TryRead(longer, 1000, out _, out _).ShouldBeFalse();
    }

    [Fact]
    public void An_envelope_with_an_unknown_algorithm_is_rejected()
    {
        var raw = Sign(new Unplant(Counting, 5)).Raw.ToArray();
        raw[5] = (byte)'2';

        SignedItem.TryRead(raw, 1000, out _, out var fault).ShouldBeFalse();
        fault!.What.ShouldContain("algorithm");
    }

    [Fact]
    public void An_item_beyond_the_limit_is_rejected() =>
        SignedItem.TryRead(Sign(new Unplant(Counting, 5)).Raw, 100, out _, out _).ShouldBeFalse();

    [Fact]
    public void Every_prefix_of_an_item_is_rejected_without_an_exception()
    {
        var raw = Sign(new Unplant(Counting, 5)).Raw;
        for (var length = 0; length < raw.Length; length++)
        {
            SignedItem.TryRead(raw[..length], 1000, out _, out _).ShouldBeFalse();
        }
    }

    [Fact]
    public void A_fault_names_the_field_of_the_wrong_kind()
    {
        BencodeValue
            .TryParse(
                "d2:at1:x5:order32:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaae"u8.ToArray(),
                BencodeMode.Strict,
                out var value,
                out _
            )
            .ShouldBeTrue();

        Unplant.TryRead(value!, out _, out var fault).ShouldBeFalse();

        fault!.What.ShouldContain("at");
    }
}
