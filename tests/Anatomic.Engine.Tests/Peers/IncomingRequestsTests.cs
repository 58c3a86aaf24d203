using Anatomic.Engine.Peers;
using Anatomic.Wire;
using Anatomic.Wire.Peers;

namespace Anatomic.Engine.Tests.Peers;

public class IncomingRequestsTests
{
    private static BlockRange Block(int begin) => new(new PieceIndex(1), begin, 16_384);

    [Fact]
    public void Requests_are_served_oldest_first_and_without_those_that_were_cancelled()
    {
        var requests = new IncomingRequests();
        requests.Add(Block(1)).ShouldBeTrue();
        requests.Add(Block(2)).ShouldBeTrue();
        requests.Add(Block(2)).ShouldBeFalse();
        requests.Add(Block(3)).ShouldBeTrue();
        requests.Remove(Block(1)).ShouldBeTrue();
        requests.Remove(Block(1)).ShouldBeFalse();
        requests.Add(Block(1)).ShouldBeTrue();
        requests.Count.ShouldBe(3);
        Drain(requests).ShouldBe([Block(2), Block(3), Block(1)]);
        requests.Count.ShouldBe(0);
    }

    [Fact]
    public void Endless_cancels_keep_the_rest_in_order()
    {
        var requests = new IncomingRequests();
        requests.Add(Block(1));
        for (var i = 0; i < 10 * EngineLimits.MaxIncomingRequests; i++)
        {
            requests.Add(Block(2)).ShouldBeTrue();
            requests.Remove(Block(2)).ShouldBeTrue();
        }
        requests.Add(Block(3));
        Drain(requests).ShouldBe([Block(1), Block(3)]);
    }

    private static List<BlockRange> Drain(IncomingRequests requests)
    {
        List<BlockRange> drained = [];
        while (requests.TryDequeue(out var block))
        {
            drained.Add(block);
        }
        return drained;
    }
}
