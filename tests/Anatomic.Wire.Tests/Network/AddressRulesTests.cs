using Anatomic.Wire.Network;

namespace Anatomic.Wire.Tests.Network;

public sealed class AddressRulesTests
{
    [Theory]
    [InlineData("8.8.8.8:6881", true)]
    [InlineData("10.1.2.3:6881", false)]
    [InlineData("100.64.0.1:6881", false)]
    [InlineData("100.128.0.1:6881", true)]
    [InlineData("127.0.0.1:6881", false)]
    [InlineData("169.254.1.1:6881", false)]
    [InlineData("172.16.0.1:6881", false)]
    [InlineData("172.32.0.1:6881", true)]
    [InlineData("192.168.0.1:6881", false)]
    [InlineData("198.18.0.1:6881", false)]
    [InlineData("203.0.113.9:6881", false)]
    [InlineData("224.0.0.1:6881", false)]
    [InlineData("255.255.255.255:6881", false)]
    [InlineData("0.1.2.3:6881", false)]
    [InlineData("[2a00:1450::1]:6881", true)]
    [InlineData("[::1]:6881", false)]
    [InlineData("[fe80::1]:6881", false)]
    [InlineData("[fd00::1]:6881", false)]
    [InlineData("[ff02::1]:6881", false)]
    [InlineData("[2001:db8::1]:6881", false)]
    [InlineData("[2001::1]:6881", false)]
    [InlineData("[2001:1ff::1]:6881", false)]
    [InlineData("[2001:200::1]:6881", true)]
    [InlineData("[2002:a00::1]:6881", false)]
    [InlineData("[64:ff9b::1]:6881", false)]
    [InlineData("[3fff::1]:6881", false)]
    public void Only_addresses_of_the_public_Internet_are_public(string text, bool isPublic)
    {
        Endpoint.TryParse(text, out var endpoint).ShouldBeTrue();

        AddressRules.IsPublic(endpoint).ShouldBe(isPublic);
    }

    [Theory]
    [InlineData("8.8.8.8:80", false, false)]
    [InlineData("8.8.8.8:1024", false, true)]
    [InlineData("10.0.0.1:6881", false, false)]
    [InlineData("10.0.0.1:6881", true, true)]
    [InlineData("224.0.0.1:6881", true, false)]
    [InlineData("0.0.0.0:6881", true, false)]
    [InlineData("[::]:6881", true, false)]
    public void Sharing_depends_on_address_and_port(string text, bool allowPrivate, bool may)
    {
        Endpoint.TryParse(text, out var endpoint).ShouldBeTrue();

        AddressRules.MayShare(endpoint, allowPrivate).ShouldBe(may);
    }

    [Fact]
    public void A_prefix_is_24_bits_of_IPv4_and_48_of_IPv6()
    {
        Endpoint.TryParse("8.8.8.8:80", out var four).ShouldBeTrue();
        Endpoint.TryParse("[2a00:1450:4001:800::1]:80", out var six).ShouldBeTrue();

        AddressRules.PrefixOf(four).ToString().ShouldBe("8.8.8.0:0");
        AddressRules.PrefixOf(six).ToString().ShouldBe("[2a00:1450:4001::]:0");
    }
}
