using Anatomic.Engine.Connections;
using Anatomic.Engine.Saving;
using Anatomic.Wire;

namespace Anatomic.Engine.Tests.Saving;

public class SessionStoreTests
{
    private static readonly DateTimeOffset Later = new(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private readonly MemoryWorld world = Sample.World();

    [Fact]
    public void Bans_are_saved_as_they_are_now()
    {
        var first = Ban("1.2.3.4:1", "wrong data", Later);
        var second = Ban("[2001:db8::1]:1", "the user", until: null);
        IReadOnlyList<AddressBan> read = [];
        MemoryWorld.Run(async () =>
        {
            await using var opened = await world.Stores.OpenAsync("torrents", CancellationToken.None);
            var store = new SessionStore(opened);
            await store.SaveBansAsync([], [first], CancellationToken.None);
            await store.SaveBansAsync([first], [second], CancellationToken.None);
            read = await store.LoadBansAsync(CancellationToken.None);
        });
        read.ShouldBe([second]);
    }

    private static AddressBan Ban(string address, string reason, DateTimeOffset? until)
    {
        Endpoint.TryParse(address, out var endpoint).ShouldBeTrue();
        return new AddressBan(AddressPrefix.HostOf(endpoint), reason, until);
    }
}
