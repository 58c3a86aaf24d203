using Anatomic.Machine.Configuration;
using Anatomic.Machine.Http.Linux;

namespace Anatomic.Machine.Tests.Http.Linux;

public class ConnectionTableTests
{
    private const long Start = 1_000;
    private readonly ConnectionTable table = new(maxConnections: 3);

    [Fact]
    public void A_connection_expires_when_its_head_is_not_complete_in_time()
    {
        var slow = Add();
        table.Reading.Enqueue(slow, Start);
        var limit = Start + (long)MachineLimits.HeadTimeout.TotalMilliseconds;
        table.Expired(limit - 1).ShouldBeNull();
        table.Expired(limit).ShouldBe(slow);
        table.Remove(slow);
        table.Expired(limit).ShouldBeNull();
    }

    [Fact]
    public void A_connection_between_two_requests_expires_later()
    {
        var client = Add();
        table.Reading.Enqueue(client, Start);
        table.Idle.Enqueue(client, Start);
        table.Expired(Start + (long)MachineLimits.HeadTimeout.TotalMilliseconds).ShouldBeNull();
        table.Expired(Start + (long)MachineLimits.IdleTimeout.TotalMilliseconds).ShouldBe(client);
    }

    [Fact]
    public void Connections_expire_in_the_order_of_their_last_activity()
    {
        var clients = new[] { Add(), Add(), Add() };
        for (var i = 0; i < clients.Length; i++)
        {
            table.Idle.Enqueue(clients[i], Start + i);
        }
        // The first has sent another request; the second has closed.
        table.Idle.Enqueue(clients[0], Start + 10);
        table.Remove(clients[1]);
        const long Late = 1_000_000;
        table.Expired(Late).ShouldBe(clients[2]);
        table.Remove(clients[2]);
        table.Expired(Late).ShouldBe(clients[0]);
    }

    [Fact]
    public void The_least_active_connection_is_idle_before_reading_before_sending()
    {
        var (sending, reading, idle) = (Add(), Add(), Add());
        table.IsFull.ShouldBeTrue();
        table.Sending.Enqueue(sending, Start);
        table.Reading.Enqueue(reading, Start + 1);
        table.Idle.Enqueue(idle, Start + 2);
        foreach (var next in new[] { idle, reading, sending })
        {
            table.LeastActive.ShouldBe(next);
            table.Remove(next);
            table.IsFull.ShouldBeFalse();
        }
        table.LeastActive.ShouldBeNull();
    }

    [Fact]
    public void An_event_of_a_closed_connection_finds_none()
    {
        var first = Add();
        var token = first.Token;
        table.Find(token).ShouldBe(first);
        table.Remove(first);
        table.Find(token).ShouldBeNull();
        var second = Add();
        second.Slot.ShouldBe(first.Slot);
        table.Find(token).ShouldBeNull();
        table.Find(second.Token).ShouldBe(second);
    }

    private ClientConnection Add() => table.Add(handle: 1, TestMachine.AnyV4, expectsProxyHeader: false);
}
