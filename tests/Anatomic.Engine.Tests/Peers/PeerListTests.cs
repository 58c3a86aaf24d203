using Anatomic.Engine.Peers;
using Anatomic.Wire;

namespace Anatomic.Engine.Tests.Peers;

public class PeerListTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;
    private static readonly Endpoint Public = Endpoint.FromV4(0x08080808, 6881);
    private static readonly Endpoint Loopback = Endpoint.FromV4(0x7f000001, 6881);

    [Fact]
    public void A_private_address_is_taken_only_from_the_user_or_by_permission()
    {
        new PeerList(allowPrivate: false).Add(Loopback, PeerSource.Tracker).ShouldBeFalse();
        new PeerList(allowPrivate: false).Add(Loopback, PeerSource.Hand).ShouldBeTrue();
        new PeerList(allowPrivate: true).Add(Loopback, PeerSource.Tracker).ShouldBeTrue();
    }

    [Fact]
    public void A_failed_address_waits_twice_as_long_each_time_and_is_forgotten_in_the_end()
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
    public void What_the_user_gave_is_tried_first()
    {
        var list = new PeerList(allowPrivate: false);
        list.Add(Public.WithPort(1), PeerSource.Tracker);
        list.Add(Public.WithPort(2), PeerSource.Hand);
        list.Next(Start)!.At.Port.ShouldBe((ushort)2);
    }

    [Fact]
    public void A_ban_holds_for_every_port_of_an_address()
    {
        var list = new PeerList(allowPrivate: false);
        list.Add(Public, PeerSource.Tracker);
        list.Ban(Public.WithPort(4000), "it sent a wrong piece");
        list.Next(Start).ShouldBeNull();
        list.Add(Public.WithPort(7), PeerSource.Hand).ShouldBeFalse();
    }

    [Fact]
    public void A_peer_that_came_in_is_not_dialled_back()
    {
        var list = new PeerList(allowPrivate: false);
        list.Claim(Public).ShouldNotBeNull();
        list.Next(Start).ShouldBeNull();
        list.Claim(Public).ShouldBeNull();
    }

    [Fact]
    public void The_window_of_requests_grows_with_the_rate_and_falls_when_snubbed()
    {
        var window = new RequestWindow();
        window.Bound(500);
        for (var i = 0; i < 1000; i++)
        {
            window.Arrived(TimeSpan.FromMilliseconds(20));
        }
        window.Size.ShouldBe(500);
        window.Tick(1_000_000);
        window.Tick(1_000_000);
        window.Size.ShouldBe(19);
        window.Tick(10_000);
        window.Size.ShouldBe(16);
        window.Snubbed();
        window.Size.ShouldBe(1);
    }

    [Fact]
    public void Outstanding_requests_are_found_in_any_order()
    {
        var asked = new OutstandingRequests();
        for (var i = 0; i < 100; i++)
        {
            asked.Add(new(i, 0), i);
        }
        asked.TryRemove(new(50, 0), out var at).ShouldBeTrue();
        at.ShouldBe(50);
        asked.TryRemove(new(50, 0), out _).ShouldBeFalse();
        Enumerable
            .Range(0, asked.Count)
            .Select(i => asked[i].Block.Piece)
            .ShouldBe(Enumerable.Range(0, 100).Where(i => i != 50));
    }

    [Fact]
    public void What_is_said_of_pieces_before_the_metadata_is_kept()
    {
        var early = new PendingBitfield();
        early.Bitfield([0b1000_0000, 0]);
        early.Have(8);
        var set = early.Read(9, out _).ShouldNotBeNull();
        (set[0], set[8], set.SetCount).ShouldBe((true, true, 2));
        early.Read(20, out var fault).ShouldBeNull();
        fault!.What.ShouldBe("the bitfield is not one of 20 pieces");
    }
}
