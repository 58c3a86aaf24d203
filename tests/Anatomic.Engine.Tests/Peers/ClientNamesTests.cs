using Anatomic.Engine.Peers;
using Anatomic.Wire;

namespace Anatomic.Engine.Tests.Peers;

public class ClientNamesTests
{
    [Theory]
    [InlineData("-qB4620-abcdefghijkl", "qBittorrent 4.6.2")]
    [InlineData("-AN1000-abcdefghijkl", "Anatomic 1.0")]
    [InlineData("-TR300Z-abcdefghijkl", "Transmission 3.0.0.35")]
    [InlineData("-ZZ1234-abcdefghijkl", "ZZ 1.2.3.4")]
    [InlineData("A2-1-36-0-abcdefghij", "aria2")]
    [InlineData("-\u001b[2000-abcdefghijkl", "")]
    [InlineData("some random peer id!", "")]
    public void A_client_is_named_by_its_peer_id(string id, string expected) =>
        ClientNames.Of(new Hash20(System.Text.Encoding.ASCII.GetBytes(id))).ShouldBe(expected);
}
