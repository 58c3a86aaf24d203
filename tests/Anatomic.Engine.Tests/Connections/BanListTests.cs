using Anatomic.Engine.Connections;
using Anatomic.Wire;

namespace Anatomic.Engine.Tests.Connections;

public class BanListTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;
    private static readonly Endpoint V4 = Endpoint.FromV4(0x08080808, 6881);
    private static readonly Endpoint V6 = new(0x2001_0db8_0001_0002, 1, 6881);
    private readonly BanList bans = new();

    [Fact]
    public void A_ban_covers_all_ports_of_an_address_and_all_of_a_64_of_IPv6()
    {
        bans.Ban(V4, "wrong data", Start, TimeSpan.FromHours(1));
        bans.Ban(V6, "wrong data", Start, duration: null);
        bans.IsBanned(V4.WithPort(1), Start).ShouldBeTrue();
        bans.IsBanned(Endpoint.FromV4(0x08080809, 6881), Start).ShouldBeFalse();
        bans.IsBanned(V6 with { Low = 99 }, Start).ShouldBeTrue();
        bans.IsBanned(V6 with { High = V6.High + 1 }, Start).ShouldBeFalse();
    }

    [Fact]
    public void A_network_can_be_banned()
    {
        AddressPrefix.TryParse("8.8.0.0/16", out var network).ShouldBeTrue();
        bans.Add(new AddressBan(network, "the user", Until: null), Start);
        bans.Find(V4, Start)!.Reason.ShouldBe("the user");
        bans.Remove(network);
        bans.IsBanned(V4, Start).ShouldBeFalse();
    }

    [Fact]
    public void A_ban_ends_and_a_shorter_one_does_not_end_it_earlier()
    {
        bans.Ban(V4, "long", Start, TimeSpan.FromHours(2));
        bans.Ban(V4, "short", Start, TimeSpan.FromHours(1));
        bans.IsBanned(V4, Start + TimeSpan.FromMinutes(90)).ShouldBeTrue();
        bans.IsBanned(V4, Start + TimeSpan.FromHours(2)).ShouldBeFalse();
    }

    [Fact]
    public void The_list_stays_bounded_and_loses_what_ends_first()
    {
        for (var i = 0; i <= EngineLimits.MaxBans; i++)
        {
            bans.Ban(Endpoint.FromV4((uint)(0x0B000000 + i), 1), "flood", Start, TimeSpan.FromMinutes(i + 1));
        }
        bans.Export(Start).Count.ShouldBe(EngineLimits.MaxBans);
        bans.IsBanned(Endpoint.FromV4(0x0B000000, 1), Start).ShouldBeFalse();
        bans.IsBanned(Endpoint.FromV4(0x0B000001, 1), Start).ShouldBeTrue();
    }

    [Fact]
    public void Saved_bans_hold_again()
    {
        bans.Ban(V4, "wrong data", Start, TimeSpan.FromHours(1));
        bans.Ban(V6, "wrong data", Start, duration: null);
        var saved = bans.Export(Start).Select(ban => (ban.Addresses.ToBytes(), ban.Write()));
        var restored = new BanList();
        restored.Import(
            saved.Select(row => AddressBan.TryRead(row.Item1, row.Item2, out var ban) ? ban : null!),
            Start
        );
        restored.Export(Start).ShouldBe(bans.Export(Start));
        restored.Version.ShouldBe(2);
    }

    [Fact]
    public void A_damaged_row_is_no_ban()
    {
        AddressBan.TryRead([1, 2], "de"u8.ToArray(), out _).ShouldBeFalse();
        AddressBan.TryRead(AddressPrefix.HostOf(V4).ToBytes(), "d1:xi0ee"u8.ToArray(), out _).ShouldBeFalse();
    }
}
