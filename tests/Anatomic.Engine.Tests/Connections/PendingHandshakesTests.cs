using Anatomic.Engine.Connections;
using Anatomic.Wire;

namespace Anatomic.Engine.Tests.Connections;

public class PendingHandshakesTests
{
    [Fact]
    public void The_oldest_of_the_heaviest_network_gives_way()
    {
        var pending = new PendingHandshakes<string>(3);
        pending.Add("honest", Endpoint.FromV4(0x09090909, 1)).ShouldBeNull();
        pending.Add("silent 1", Endpoint.FromV4(0x08080801, 1)).ShouldBeNull();
        pending.Add("silent 2", Endpoint.FromV4(0x08080802, 1)).ShouldBeNull();
        pending.Add("silent 3", Endpoint.FromV4(0x08080803, 1)).ShouldBe("silent 1");
        pending.Count.ShouldBe(3);
        pending.Remove("silent 2");
        pending.Remove("silent 1");
        pending.Count.ShouldBe(2);
    }
}
