using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;

namespace Anatomic.Wire.Tests.Network;

public sealed class WorkTests
{
    private static PlantOrder Order(ulong nonce) =>
        new()
        {
            Swarms = [new Hash20([.. Enumerable.Range(0, 20).Select(i => (byte)i)])],
            Candidates = [new NodeId([.. Enumerable.Range(32, 32).Select(i => (byte)i)])],
            Want = 1,
            At = 1_700_000_000_000,
            Nonce = nonce,
        };

    [Fact]
    public void The_search_finds_the_nonce_in_the_specification()
    {
        var envelope = SignedItemTests.Sign(Order(0)).Envelope;
        var prefix = Work.Prefix(NetworkName.LocalDefault, envelope.PublicKey.Span, envelope.Value);

        Work.Search(prefix, 8, 0, 600).ShouldBeNull();
        Work.Search(prefix, 8, 600, 1000).ShouldBe(633UL);
        Work.BitsOf(SignedItemTests.Sign(Order(633)), NetworkName.LocalDefault).ShouldBe(8);
        Work.BitsOf(SignedItemTests.Sign(Order(633)), NetworkName.Main).ShouldNotBe(8);
    }

    [Theory]
    [InlineData("main", false, 20)]
    [InlineData("local-desk", true, 8)]
    [InlineData("localhost", false, 20)]
    public void The_name_decides_whether_a_network_is_private(string text, bool isPrivate, int floor)
    {
        NetworkName.TryParse(text, out var name, out _).ShouldBeTrue();

        name!.IsPrivate.ShouldBe(isPrivate);
        name.WorkFloor.ShouldBe(floor);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Main")]
    [InlineData("a:b")]
    [InlineData("name-that-is-longer-than-thirty-two")]
    public void Malformed_names_are_rejected(string text) => NetworkName.TryParse(text, out _, out _).ShouldBeFalse();
}
