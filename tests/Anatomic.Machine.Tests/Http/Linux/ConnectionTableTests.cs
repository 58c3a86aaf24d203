using Anatomic.Machine.Configuration;
using Anatomic.Machine.Http.Linux;

namespace Anatomic.Machine.Tests.Http.Linux;

/// <summary>Which connection of a loop runs out of time, and which has to go when there is no room.</summary>
public class ConnectionTableTests
{
    private const long Start = 1_000;
    private readonly ConnectionTable table = new(maxConnections: 3);

    [Fact]
    public void A_head_that_is_not_finished_in_time_is_overdue()
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
    public void A_connection_between_two_requests_has_longer()
    {
        var client = Add();
        table.Reading.Enqueue(client, Start);
        table.Idle.Enqueue(client, Start);
        table.Expired(Start + (long)MachineLimits.HeadTimeout.TotalMilliseconds).ShouldBeNull();
        table.Expired(Start + (long)MachineLimits.IdleTimeout.TotalMilliseconds).ShouldBe(client);
    }

    [Fact]
    public void They_run_out_of_time_in_the_order_they_began_to_wait()
    {
        var clients = new[] { Add(), Add(), Add() };
        for (var i = 0; i < clients.Length; i++)
        {
            table.Idle.Enqueue(clients[i], Start + i);
        }
        // The first has asked again; the one in the middle has gone.
        table.Idle.Enqueue(clients[0], Start + 10);
        table.Remove(clients[1]);
        const long Late = 1_000_000;
        table.Expired(Late).ShouldBe(clients[2]);
        table.Remove(clients[2]);
        table.Expired(Late).ShouldBe(clients[0]);
    }

    [Fact]
    public void When_there_is_no_room_the_longest_silent_goes_and_who_is_being_answered_last()
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
    public void An_event_of_a_connection_that_is_over_finds_nobody()
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
