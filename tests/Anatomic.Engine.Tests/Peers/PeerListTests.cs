using Anatomic.Engine.Peers;
using Anatomic.Wire;

namespace Anatomic.Engine.Tests.Peers;

public class PeerListTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;
    private static readonly Endpoint Public = Endpoint.FromV4(0x08080808, 6881);
    private static readonly Endpoint Loopback = Endpoint.FromV4(0x7f000001, 6881);

    [Fact]
    public void A_private_address_is_accepted_only_from_the_user_or_with_permission()
    {
        new PeerList(allowPrivate: false).Add(Loopback, PeerSource.Tracker).ShouldBeFalse();
        new PeerList(allowPrivate: false).Add(Loopback, PeerSource.User).ShouldBeTrue();
        new PeerList(allowPrivate: true).Add(Loopback, PeerSource.Tracker).ShouldBeTrue();
    }

    [Fact]
    public void The_pause_after_a_failed_dial_doubles_until_the_address_is_forgotten()
    {
        var list = new PeerList(allowPrivate: false);
        list.Add(Public, PeerSource.Tracker);
        var now = Start;
        for (var failure = 0; failure < 6; failure++)
        {
            var candidate = list.Next(now).ShouldNotBeNull();
            list.Failed(candidate, now);
            var pause = TimeSpan.FromSeconds(20 << failure);
            list.Next(now + pause - TimeSpan.FromSeconds(1)).ShouldBeNull();
            now += pause;
        }
        list.Count.ShouldBe(0);
    }

    [Fact]
    public void Addresses_from_the_user_are_dialled_first()
    {
        var list = new PeerList(allowPrivate: false);
        list.Add(Public.WithPort(1), PeerSource.Tracker);
        list.Add(Public.WithPort(2), PeerSource.User);
        list.Next(Start)!.Address.Port.ShouldBe((ushort)2);
    }

    [Fact]
    public void A_ban_applies_to_all_ports_of_an_address()
    {
        var list = new PeerList(allowPrivate: false);
        list.Add(Public, PeerSource.Tracker);
        list.Ban(Public.WithPort(4000));
        list.Next(Start).ShouldBeNull();
        list.Add(Public.WithPort(7), PeerSource.User).ShouldBeFalse();
    }

    [Fact]
    public void An_incoming_peer_is_not_dialled_back()
    {
        var list = new PeerList(allowPrivate: false);
        list.Claim(Public).ShouldNotBeNull();
        list.Next(Start).ShouldBeNull();
        list.Claim(Public).ShouldBeNull();
    }
}
