using Anatomic.Engine.Connections;
using Anatomic.Wire;

namespace Anatomic.Engine.Tests.Connections;

public class AddressPrefixTests
{
    [Theory]
    [InlineData("1.2.3.4")]
    [InlineData("1.2.3.0/24")]
    [InlineData("2001:db8::/48")]
    [InlineData("2001:db8::1")]
    [InlineData("0.0.0.0/0")]
    public void A_prefix_is_written_as_it_is_read(string text)
    {
        AddressPrefix.TryParse(text, out var prefix).ShouldBeTrue();
        prefix.ToString().ShouldBe(text);
        AddressPrefix.TryRead(prefix.ToBytes(), out var read).ShouldBeTrue();
        read.ShouldBe(prefix);
    }

    [Theory]
    [InlineData("1.2.3.4/33")]
    [InlineData("1.2.3.4/")]
    [InlineData("example.org")]
    [InlineData("::/129")]
    public void Other_text_is_no_prefix(string text) => AddressPrefix.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void A_host_is_an_address_of_IPv4_and_a_64_of_IPv6()
    {
        AddressPrefix.HostOf(At("1.2.3.4:5")).ToString().ShouldBe("1.2.3.4");
        AddressPrefix.HostOf(At("[2001:db8:1:2:3::4]:5")).ToString().ShouldBe("2001:db8:1:2::/64");
        AddressPrefix.NetworkOf(At("1.2.3.4:5")).ToString().ShouldBe("1.2.3.0/24");
        AddressPrefix.NetworkOf(At("[2001:db8:1:2:3::4]:5")).ToString().ShouldBe("2001:db8:1::/48");
        AddressPrefix.HostOf(At("[2001:db8:1:2:3::4]:5")).Contains(At("[2001:db8:1:2::9]:1")).ShouldBeTrue();
    }

    private static Endpoint At(string text) =>
        Endpoint.TryParse(text, out var endpoint) ? endpoint : throw new ArgumentException("no endpoint", nameof(text));
}
