using Anatomic.Engine.Peers;
using Anatomic.Wire;
using Anatomic.Wire.Peers;

namespace Anatomic.Engine.Tests.Peers;

public class PeerConnectionTests
{
    [Fact]
    public void An_internal_error_while_sending_ends_the_connection_and_is_kept() =>
        MemoryWorld.Run(async () =>
        {
            var connection = TestPeer.On(new ScriptedConnection()).Connection;
            connection.UploadQueue = new BrokenQueue();
            connection.Flush();
            await Task.Yield();
            connection.Bug.ShouldBeOfType<InvalidOperationException>();
            connection.Stop.IsCancellationRequested.ShouldBeTrue();
        });

    [Fact]
    public void Messages_that_wait_go_out_together()
    {
        var scripted = new ScriptedConnection();
        MemoryWorld.Run(async () =>
        {
            var connection = TestPeer.On(scripted).Connection;
            PeerMessageWriter.Plain(connection.Output, PeerMessageId.Unchoke);
            PeerMessageWriter.KeepAlive(connection.Output);
            connection.Flush();
            await Task.Yield();
        });
        scripted.Sent.ShouldBe([0, 0, 0, 1, (byte)PeerMessageId.Unchoke, 0, 0, 0, 0]);
    }

    [Fact]
    public void Short_messages_overtake_a_block_that_waits_for_the_upload_limit()
    {
        var scripted = new ScriptedConnection();
        MemoryWorld.Run(async () =>
        {
            var connection = TestPeer.On(scripted).Connection;
            connection.Limits.SetLimits(0, 1);
            connection.UploadQueue = new BrokenQueue();
            connection.Flush();
            await Task.Yield();
            PeerMessageWriter.Plain(connection.Output, PeerMessageId.Interested);
            connection.Flush();
            await Task.Yield();
            connection.Abort();
        });
        scripted.Sent.ShouldBe([0, 0, 0, 1, (byte)PeerMessageId.Interested]);
    }

    private sealed class BrokenQueue : IUploadQueue
    {
        public int NextBytes => PeerLimits.BlockBytes;

        public ValueTask FillAsync(SendBatch batch, int maxBytes) => throw new InvalidOperationException("a bug");

        public void BatchSent(SendBatch batch)
        {
            // Nothing is sent.
        }
    }
}
