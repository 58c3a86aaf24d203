using System.Buffers;
using Anatomic.Engine.Limits;
using Anatomic.Engine.Peers;
using Anatomic.Wire;
using Anatomic.Wire.Peers;

namespace Anatomic.Engine.Tests.Peers;

public class PeerReaderTests
{
    [Fact]
    public void Other_work_of_the_loop_runs_after_64_messages()
    {
        var seenByOthers = new List<int>();
        var handler = new CountingHandler();
        Run(
            handler,
            Many(1000, output => PeerMessageWriter.Plain(output, PeerMessageId.Interested)),
            () => seenByOthers.Add(handler.Handled)
        );
        handler.Handled.ShouldBe(1000);
        seenByOthers.Zip(seenByOthers.Skip(1), (before, after) => after - before).Max().ShouldBeLessThanOrEqualTo(64);
    }

    [Fact]
    public void Other_work_of_the_loop_runs_after_64_KiB()
    {
        var seenByOthers = new List<int>();
        var handler = new CountingHandler();
        Run(
            handler,
            Many(
                100,
                output =>
                {
                    var block = new BlockRange(new PieceIndex(0), 0, PeerLimits.BlockBytes);
                    PeerMessageWriter.PiecePrefix(output.GetSpan(PeerMessageWriter.PiecePrefixBytes), block);
                    output.Advance(PeerMessageWriter.PiecePrefixBytes);
                    output.Write(new byte[PeerLimits.BlockBytes]);
                }
            ),
            () => seenByOthers.Add(handler.Handled)
        );
        handler.Handled.ShouldBe(100);
        seenByOthers.Zip(seenByOthers.Skip(1), (before, after) => after - before).Max().ShouldBeLessThanOrEqualTo(4);
    }

    [Fact]
    public void A_peer_that_only_costs_is_dropped_with_a_reason()
    {
        var handler = new CountingHandler { PieceCount = 100_000 };
        var reason = Run(handler, Many(10_000, output => PeerMessageWriter.Plain(output, PeerMessageId.HaveAll)));
        reason.ShouldBe("the peer costs more than it transfers, mostly by announcements of all its pieces");
        handler.Handled.ShouldBeLessThan(100);
        handler.Peer!.IsExpelled.ShouldBeTrue();
    }

    [Fact]
    public void The_buffer_shrinks_after_a_burst()
    {
        var connection = new ScriptedConnection(
            Many(100_000, PeerMessageWriter.KeepAlive),
            Many(1, PeerMessageWriter.KeepAlive),
            Many(1, PeerMessageWriter.KeepAlive)
        );
        Run(new CountingHandler(), connection, null);
        connection.Offered.Max().ShouldBe(EngineLimits.LargeReceiveBytes);
        connection.Offered[^1].ShouldBe(EngineLimits.SmallReceiveBytes);
    }

    [Fact]
    public void A_message_longer_than_the_buffer_is_read_whole()
    {
        var handler = new CountingHandler();
        Run(handler, Many(1, output => PeerMessageWriter.Bitfield(output, new byte[1 << 20])));
        handler.Handled.ShouldBe(1);
    }

    [Fact]
    public void The_slowest_long_message_gives_way_when_the_memory_is_taken()
    {
        var budget = new SharedBudget(1 << 20);
        var peers = new PeerSet();
        var memory = new LargeMessages(budget, peers);
        var (slow, other) = (TestPeer.On(new ScriptedConnection(), 1), TestPeer.On(new ScriptedConnection(), 2));
        peers.Add(slow);
        peers.Add(other);
        slow.MessageSince = DateTimeOffset.UnixEpoch;
        memory.TryTake(slow, 1 << 20).ShouldBeTrue();
        memory.TryTake(other, 1 << 19).ShouldBeTrue();
        slow.DropReason.ShouldBe("the peer is slow to send a long message, and others need the memory");
        memory.Return(slow);
        memory.Return(other);
        budget.Available.ShouldBe(1 << 20);
    }

    private static byte[] Many(int count, Action<IBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>();
        for (var i = 0; i < count; i++)
        {
            write(output);
        }
        return output.WrittenSpan.ToArray();
    }

    private static string Run(CountingHandler handler, byte[] received, Action? other = null) =>
        Run(handler, new ScriptedConnection(received), other);

    private static string Run(CountingHandler handler, ScriptedConnection connection, Action? other)
    {
        var reason = "";
        MemoryWorld.Run(async () =>
        {
            var peer = TestPeer.On(connection);
            handler.Peer = peer;
            var memory = new LargeMessages(new SharedBudget(EngineLimits.MaxLargeMessageBytes), new PeerSet());
            peer.Pieces = new PieceSet(handler.PieceCount);
            var reading = new PeerReader(peer, handler, static () => DateTimeOffset.UnixEpoch, memory).RunAsync();
            while (!reading.IsCompleted)
            {
                other?.Invoke();
                await Task.Yield();
            }
            reason = await reading;
        });
        return reason;
    }

    private sealed class CountingHandler : IPeerMessageHandler
    {
        public Peer? Peer { get; set; }
        public int PieceCount { get; init; } = 10;
        public int Handled { get; private set; }

        public Fault? Handle(Peer peer, in PeerMessage message)
        {
            Handled++;
            return null;
        }

        public void TurnCompleted(Peer peer)
        {
            // Nothing to send.
        }
    }
}
