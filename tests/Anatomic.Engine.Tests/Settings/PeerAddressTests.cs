using Anatomic.Engine.Settings;

namespace Anatomic.Engine.Tests.Settings;

public class PeerAddressTests
{
    [Theory]
    [InlineData("1.2.3.4:6881")]
    [InlineData("[::1]:6881")]
    [InlineData("host.example:1")]
    public void An_address_or_a_host_name_with_a_port_is_valid(string peer) => PeerAddress.IsValid(peer).ShouldBeTrue();

    [Theory]
    [InlineData("")]
    [InlineData("1.2.3.4")]
    [InlineData("1.2.3.4:0")]
    [InlineData("host.example:65536")]
    [InlineData("host.example:")]
    [InlineData(":6881")]
    [InlineData("::1:6881")]
    [InlineData("two words:6881")]
    [InlineData("http://host.example:6881")]
    public void Any_other_text_is_invalid(string peer) => PeerAddress.IsValid(peer).ShouldBeFalse();
}
