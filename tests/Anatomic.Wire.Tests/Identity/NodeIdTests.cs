using Anatomic.Wire.Identity;
using FsCheck;
using FsCheck.Fluent;

namespace Anatomic.Wire.Tests.Identity;

public sealed class NodeIdTests
{
    private static readonly NodeId Counting = new([.. Enumerable.Range(0, 32).Select(i => (byte)i)]);

    [Fact]
    public void An_id_is_written_as_52_characters_of_lower_case_base32() =>
        Counting.ToString().ShouldBe("aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dypq");

    [Fact]
    public void The_id_of_a_key_is_its_hash()
    {
        var point = new byte[64];
        P256.TryPublicKey([.. new byte[31], 1], point).ShouldBeTrue();

        NodeId.Of(point).ToString().ShouldBe("3b25w7ppemrdnlwhhddlboz6qakc6xip3d2n6jh623xpls5vbwpq");
    }

    [Fact]
    public void Ids_round_trip() =>
        Prop.ForAll<ulong, ulong>(
                (a, b) =>
                {
                    var id = new NodeId(new Hash32(a, b, ~a, a ^ b));
                    return NodeId.TryParse(id.ToString(), out var read) && read == id;
                }
            )
            .QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("")]
    [InlineData("aaaq")]
    [InlineData("1aaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dypq")]
    public void Malformed_ids_are_rejected(string text) => NodeId.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void An_id_with_spare_bits_set_is_rejected()
    {
        var text = Counting.ToString();

        NodeId.TryParse(text[..^1] + (char)(text[^1] + 1), out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData("https://example.org/", "https://example.org/")]
    [InlineData("http://10.0.0.1:7070", "http://10.0.0.1:7070/")]
    [InlineData("http://[::1]:7070/a", "http://[::1]:7070/a/")]
    public void A_supernode_address_is_a_URL_and_an_id(string url, string canonical)
    {
        SupernodeAddress.TryParse($"{url}#{Counting}", out var address, out _).ShouldBeTrue();

        address!.Id.ShouldBe(Counting);
        address.ToString().ShouldBe($"{canonical}#{Counting}");
    }

    [Theory]
    [InlineData("https://example.org/")]
    [InlineData("https://example.org/#short")]
    [InlineData("ftp://example.org/#aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dypq")]
    [InlineData("https://user@example.org/#aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dypq")]
    [InlineData("https://example.org/?x=1#aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dypq")]
    public void A_malformed_supernode_address_is_rejected_with_a_reason(string text)
    {
        SupernodeAddress.TryParse(text, out _, out var fault).ShouldBeFalse();

        fault!.What.ShouldNotBeEmpty();
    }
}
