using System.Net;
using Anatomic.Engine.Trackers;
using Anatomic.World;

namespace Anatomic.Engine.Tests.Trackers;

public class NameCacheTests
{
    private static readonly IPAddress One = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress Two = IPAddress.Parse("192.0.2.2");
    private readonly TrackerWorld world = new();
    private readonly NameCache names;

    public NameCacheTests() =>
        names = new NameCache(world, new AnnounceIdentity(world, default), CancellationToken.None);

    [Fact]
    public async Task A_name_is_resolved_once_for_everyone_and_again_after_a_while()
    {
        var first = ResolveAsync("t.example");
        var second = ResolveAsync("T.example");
        world.Answer.SetResult([One]);
        (await first).ShouldBe([One]);
        (await second).ShouldBe([One]);
        await ResolveAsync("t.example");
        world.Asked.Count.ShouldBe(1);
        world.Time += EngineLimits.NameLifetime;
        await ResolveAsync("t.example");
        world.Asked.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_name_that_fails_is_not_tried_again_at_once()
    {
        world.Answer.SetException(new NetworkException("no such name"));
        for (var i = 0; i < 3; i++)
        {
            (await Should.ThrowAsync<NetworkException>(() => ResolveAsync("t.example"))).Message.ShouldBe(
                "no such name"
            );
        }
        world.Asked.Count.ShouldBe(1);
        world.Time += EngineLimits.FailedNameLifetime;
        world.Answer = new();
        world.Answer.SetResult([Two]);
        (await ResolveAsync("t.example")).ShouldBe([Two]);
    }

    [Fact]
    public async Task An_address_that_failed_comes_last()
    {
        world.Answer.SetResult([One, Two]);
        (await ResolveAsync("t.example")).ShouldBe([One, Two]);
        names.AddressFailed("t.example", One);
        (await ResolveAsync("t.example")).ShouldBe([Two, One]);
    }

    [Fact]
    public async Task Addresses_need_no_resolution_and_names_are_bounded()
    {
        (await ResolveAsync("192.0.2.1")).ShouldBe([One]);
        world.Asked.ShouldBeEmpty();
        world.Answer.SetResult([One]);
        for (var i = 0; i < 2 * EngineLimits.MaxTrackerHosts; i++)
        {
            await ResolveAsync($"{i}.example");
        }
        names.Count.ShouldBeLessThanOrEqualTo(EngineLimits.MaxTrackerHosts);
    }

    private Task<IReadOnlyList<IPAddress>> ResolveAsync(string host) =>
        names.ResolveAsync(host, CancellationToken.None);
}
