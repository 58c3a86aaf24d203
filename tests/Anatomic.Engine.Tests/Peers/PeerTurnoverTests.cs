using Anatomic.Engine.Peers;
using Anatomic.Wire;

namespace Anatomic.Engine.Tests.Peers;

public class PeerTurnoverTests
{
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(1);
    private static readonly Endpoint Newcomer = Endpoint.FromV4(0x09090909, 6881);

    [Fact]
    public void Interested_connections_of_one_host_give_way_to_another_host()
    {
        var peers = Enumerable
            .Range(1, 100)
            .Select(number => Place(number, 0x08080808) with { SinceUseful = TimeSpan.FromSeconds(10 + number) })
            .ToList();
        PeerTurnover.FindReplaceable(peers, Newcomer, isSeeding: false).ShouldBe(100);
        PeerTurnover.FindReplaceable(peers, peers[0].Remote, isSeeding: true).ShouldBeNull();
    }

    [Fact]
    public void Connections_of_one_network_give_way_to_another_network()
    {
        var peers = Enumerable.Range(1, 50).Select(number => Place(number, (uint)(0x08080800 + number))).ToList();
        PeerTurnover.FindReplaceable(peers, Newcomer, isSeeding: true).ShouldNotBeNull();
    }

    [Fact]
    public void A_peer_that_transfers_keeps_its_place()
    {
        var peers = Enumerable
            .Range(1, 100)
            .Select(number => Place(number, 0x08080808) with { SinceUseful = Short, AmInterested = true })
            .ToList();
        PeerTurnover.FindReplaceable(peers, Newcomer, isSeeding: false).ShouldBeNull();
    }

    [Fact]
    public void A_useless_peer_gives_way_to_anybody()
    {
        List<PeerPlace> peers =
        [
            Place(1, 0x01010101) with
            {
                AmInterested = true,
            },
            Place(2, 0x02020202) with
            {
                SinceUseful = TimeSpan.FromMinutes(2),
            },
            Place(3, 0x03030303) with
            {
                SinceUseful = TimeSpan.FromMinutes(3),
                IsInterested = false,
            },
            Place(4, 0x04040404) with
            {
                SinceUseful = Long,
                IsProtected = true,
            },
        ];
        PeerTurnover.FindReplaceable(peers, Newcomer, isSeeding: false).ShouldBe(3);
        PeerTurnover.FindUseless([peers[0], peers[3]], isSeeding: false).ShouldBeNull();
    }

    private static PeerPlace Place(int number, uint address) =>
        new(number, Endpoint.FromV4(address, 6881), false, true, TimeSpan.FromSeconds(30), false);
}
