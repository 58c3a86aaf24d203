using Anatomic.Engine.Connections;
using Anatomic.Engine.Peers;
using Anatomic.Wire;

namespace Anatomic.Engine.Tests.Peers;

public class PeerSourceGateTests
{
    [Fact]
    public void A_private_torrent_uses_its_trackers_incoming_peers_and_the_user_only()
    {
        var gate = new PeerSourceGate();
        Enum.GetValues<PeerSource>().ShouldAllBe(source => gate.Allows(source));
        gate.IsPrivate = true;
        Enum.GetValues<PeerSource>()
            .Where(gate.Allows)
            .ShouldBe([PeerSource.Incoming, PeerSource.Tracker, PeerSource.User]);
        gate.Allows((PeerSource)99).ShouldBeFalse();
    }

    [Fact]
    public void Addresses_from_closed_sources_are_dropped_when_a_magnet_link_turns_out_private()
    {
        var gate = new PeerSourceGate();
        var list = new PeerList(allowPrivate: true, gate, new BanList());
        list.Add(Endpoint.FromV4(0x0A000001, 1), PeerSource.Magnet).ShouldBeTrue();
        list.Add(Endpoint.FromV4(0x0A000002, 1), PeerSource.TrackerSource).ShouldBeTrue();
        list.Add(Endpoint.FromV4(0x0A000003, 1), PeerSource.Tracker).ShouldBeTrue();
        gate.IsPrivate = true;
        list.RemoveForbidden();
        list.Count.ShouldBe(1);
        list.Add(Endpoint.FromV4(0x0A000001, 1), PeerSource.Magnet).ShouldBeFalse();
    }
}
