using Anatomic.Engine.Peers;
using Anatomic.Wire;

namespace Anatomic.Engine.Tests.Peers;

public class CanonicalPriorityTests
{
    // The examples of BEP 40.
    [Theory]
    [InlineData("123.213.32.10:1", "98.76.54.32:1", 0xec2d7224)]
    [InlineData("123.213.32.10:1", "123.213.32.234:1", 0x99568189)]
    public void The_priority_is_that_of_the_standard(string a, string b, uint expected)
    {
        Endpoint.TryParse(a, out var first).ShouldBeTrue();
        Endpoint.TryParse(b, out var second).ShouldBeTrue();
        CanonicalPriority.Of(first, second).ShouldBe(expected);
        CanonicalPriority.Of(second, first).ShouldBe(expected);
    }

    [Fact]
    public void Peers_of_one_address_differ_by_their_ports()
    {
        var address = Endpoint.FromV4(0x08080808, 1);
        CanonicalPriority
            .Of(address, address.WithPort(2))
            .ShouldNotBe(CanonicalPriority.Of(address, address.WithPort(3)));
    }

    [Theory]
    [InlineData("[2001:db8::1]:1", "[2001:db9::1]:1", "[2001:db9::3]:1", true)]
    [InlineData("[2001:db8::1]:1", "[2001:db8:0:100::1]:1", "[2001:db8:0:200::1]:1", false)]
    public void Bits_that_a_host_chooses_itself_count_only_within_its_network(
        string own,
        string a,
        string b,
        bool isSame
    )
    {
        Endpoint.TryParse(own, out var from).ShouldBeTrue();
        Endpoint.TryParse(a, out var first).ShouldBeTrue();
        Endpoint.TryParse(b, out var second).ShouldBeTrue();
        (CanonicalPriority.Of(from, first) == CanonicalPriority.Of(from, second)).ShouldBe(isSame);
    }
}
