using Anatomic.Engine.Picking;
using Anatomic.Wire;

namespace Anatomic.Engine.Tests.Picking;

public class OutstandingRequestsTests
{
    [Fact]
    public void Requests_can_be_removed_in_any_order()
    {
        var requests = new OutstandingRequests();
        for (var i = 0; i < 100; i++)
        {
            requests.Add(FirstBlockOf(i), i);
        }
        requests.TryRemove(FirstBlockOf(50), out var timestamp).ShouldBeTrue();
        timestamp.ShouldBe(50);
        requests.TryRemove(FirstBlockOf(50), out _).ShouldBeFalse();
        Enumerable
            .Range(0, requests.Count)
            .Select(i => requests[i].Block)
            .ShouldBe(Enumerable.Range(0, 100).Where(i => i != 50).Select(FirstBlockOf));
    }

    private static PieceBlock FirstBlockOf(int piece) => new(new PieceIndex(piece), 0);
}
