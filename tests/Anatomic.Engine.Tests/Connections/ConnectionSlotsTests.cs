using Anatomic.Engine.Connections;
using Anatomic.Wire;

namespace Anatomic.Engine.Tests.Connections;

public class ConnectionSlotsTests
{
    private readonly ConnectionSlots slots = new(max: 4, maxPerHost: 1, maxPerNetwork: 2);

    [Fact]
    public void A_host_and_a_network_have_shares()
    {
        slots.TryAcquire(V4(0x08080801)).ShouldBe(SlotResult.Granted);
        slots.TryAcquire(V4(0x08080801)).ShouldBe(SlotResult.HostFull);
        slots.TryAcquire(V4(0x08080802)).ShouldBe(SlotResult.Granted);
        slots.TryAcquire(V4(0x08080803)).ShouldBe(SlotResult.NetworkFull);
        slots.Release(V4(0x08080801));
        slots.TryAcquire(V4(0x08080803)).ShouldBe(SlotResult.Granted);
    }

    [Fact]
    public void Private_addresses_count_only_in_total()
    {
        for (var i = 0; i < 4; i++)
        {
            slots.TryAcquire(V4(0x7F000001)).ShouldBe(SlotResult.Granted);
        }
        slots.TryAcquire(V4(0x7F000001)).ShouldBe(SlotResult.Full);
        slots.Available.ShouldBe(0);
    }

    [Fact]
    public void A_replaced_connection_may_exceed_the_total_for_a_moment()
    {
        for (var i = 0; i < 4; i++)
        {
            slots.TryAcquire(V4(0x7F000001));
        }
        slots.TryAcquireReplaced(V4(0x08080801)).ShouldBe(SlotResult.Granted);
        slots.TryAcquireReplaced(V4(0x08080801)).ShouldBe(SlotResult.HostFull);
        slots.Used.ShouldBe(5);
        slots.Available.ShouldBe(0);
    }

    private static Endpoint V4(uint address) => Endpoint.FromV4(address, 6881);
}
