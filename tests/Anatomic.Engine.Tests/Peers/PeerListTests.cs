using Anatomic.Engine.Connections;
using Anatomic.Engine.Peers;
using Anatomic.Wire;

namespace Anatomic.Engine.Tests.Peers;

public class PeerListTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;
    private static readonly Endpoint Public = Endpoint.FromV4(0x08080808, 6881);
    private static readonly Endpoint Loopback = Endpoint.FromV4(0x7f000001, 6881);
    private readonly BanList bans = new();

    [Fact]
    public void A_private_address_is_accepted_only_from_the_user_or_with_permission()
    {
        NewList().Add(Loopback, PeerSource.Tracker).ShouldBeFalse();
        NewList().Add(Loopback, PeerSource.User).ShouldBeTrue();
        NewList(allowPrivate: true).Add(Loopback, PeerSource.Tracker).ShouldBeTrue();
    }

    [Fact]
    public void The_pause_after_a_failed_dial_doubles_until_the_address_is_forgotten()
    {
        var list = NewList();
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
        var list = NewList();
        list.Add(Public.WithPort(1), PeerSource.Tracker);
        list.Add(Public.WithPort(2), PeerSource.User);
        list.Next(Start)!.Address.Port.ShouldBe((ushort)2);
    }

    [Fact]
    public void A_ban_applies_to_all_ports_of_an_address()
    {
        var list = NewList();
        list.Add(Public, PeerSource.Tracker);
        list.Add(Public.WithPort(7), PeerSource.User);
        bans.Ban(Public.WithPort(4000), "wrong data", Start, TimeSpan.FromHours(1));
        list.Next(Start).ShouldBeNull();
        list.Next(Start + TimeSpan.FromHours(1)).ShouldNotBeNull();
    }

    [Fact]
    public void An_incoming_peer_is_not_dialled_back()
    {
        var list = NewList();
        list.Claim(Public).ShouldNotBeNull();
        list.Next(Start).ShouldBeNull();
        list.Claim(Public).ShouldBeNull();
    }

    [Fact]
    public void Among_equals_the_canonical_priority_decides()
    {
        var list = NewList();
        list.SetOwnAddress(Endpoint.FromV4(0x7BD5200A, 6881));
        var others = Enumerable
            .Range(1, 20)
            .Select(i => Endpoint.FromV4((uint)(0x09000000 + (i << 16)), 6881))
            .ToList();
        others.ForEach(address => list.Add(address, PeerSource.Tracker).ShouldBeTrue());
        var dialled = others.Select(_ => list.Next(Start)!.Address).ToList();
        dialled.ShouldBe(
            others.OrderByDescending(other => CanonicalPriority.Of(Endpoint.FromV4(0x7BD5200A, 6881), other))
        );
    }

    [Fact]
    public void One_network_cannot_fill_the_list()
    {
        var list = NewList();
        for (var i = 0; i < 256; i++)
        {
            list.Add(Endpoint.FromV4((uint)(0x09000000 + i), 6881), PeerSource.Tracker);
        }
        list.Count.ShouldBe(EngineLimits.MaxCandidatesPerNetwork);
        list.Add(Public, PeerSource.Tracker).ShouldBeTrue();
    }

    [Fact]
    public void A_source_that_fills_the_list_gives_way_to_another()
    {
        var list = NewList();
        for (var i = 0; i < 2 * EngineLimits.MaxCandidates; i++)
        {
            list.Add(Endpoint.FromV4((uint)(0x09000000 + (i << 8)), 6881), PeerSource.Incoming);
        }
        list.Count.ShouldBe(EngineLimits.MaxCandidates);
        list.Add(Public, PeerSource.Tracker).ShouldBeTrue();
        list.Count.ShouldBe(EngineLimits.MaxCandidates);
        list.Next(Start)!.Address.ShouldBe(Public);
    }

    [Fact]
    public void An_address_without_a_place_is_dialled_later()
    {
        var list = NewList();
        list.Add(Public, PeerSource.Tracker);
        list.Postpone(list.Next(Start)!, Start);
        list.Next(Start).ShouldBeNull();
        list.Next(Start + EngineLimits.PostponedDialDelay)!.Failures.ShouldBe(0);
    }

    private PeerList NewList(bool allowPrivate = false) => new(allowPrivate, new PeerSourceGate(), bans);
}
