using System.Buffers;
using Anatomic.Engine.Limits;
using Anatomic.Wire;
using Anatomic.Wire.Peers;
using Anatomic.World;

namespace Anatomic.Engine.Peers;

/// <summary>
/// The receiving side of a connection; parses many messages from one buffer. A block is copied once, from this buffer
/// into its piece, and only when it is complete. A peer therefore cannot change a piece that is already being hashed.
/// Messages are handled in turns, so that no peer holds the loop while its socket has data.
/// </summary>
internal sealed class PeerReader(
    Peer peer,
    IPeerMessageHandler messages,
    Func<DateTimeOffset> now,
    LargeMessages largeMessages
)
{
    private const int PrefixBytes = 4;

    private byte[] buffer = [];
    private int begin;
    private int end;

    /// <summary>The length of the next message with its prefix, while it is incomplete; else 0.</summary>
    private int needed;

    /// <summary>Runs until the connection ends; returns the reason, which is shown to the user.</summary>
    public async Task<string> RunAsync()
    {
        try
        {
            while (true)
            {
                if (StartedMessage() is { } refused)
                {
                    return refused.What;
                }
                var received = await ReceiveAsync();
                if (received == 0)
                {
                    return "the peer closed the connection";
                }
                peer.LastReceived = now();
                bool hasMore;
                do
                {
                    var fault = HandleTurn(out hasMore);
                    if (peer.DropReason is { } dropped)
                    {
                        return dropped;
                    }
                    if (fault is not null)
                    {
                        return fault.What;
                    }
                    await EndTurnAsync();
                } while (hasMore);
            }
        }
        catch (NetworkException failure)
        {
            return failure.Message;
        }
        catch (OperationCanceledException)
        {
            return "we closed the connection";
        }
        finally
        {
            Return(buffer);
            largeMessages.Return(peer);
        }
    }

    /// <summary>
    /// Notes since when a message is incomplete, and takes memory when it is long. A fault ends the connection.
    /// </summary>
    private Fault? StartedMessage()
    {
        peer.MessageSince = end > begin ? peer.MessageSince ?? peer.LastReceived : null;
        if (needed <= EngineLimits.LargeMessageBytes)
        {
            largeMessages.Return(peer);
            return null;
        }
        if (peer.LargeMessageBytes == needed)
        {
            return null;
        }
        largeMessages.Return(peer);
        return largeMessages.TryTake(peer, needed)
            ? null
            : new Fault("there is no memory for the peer's long message at the moment");
    }

    /// <summary>Receives as much as the rate limits grant.</summary>
    private async ValueTask<int> ReceiveAsync()
    {
        FitBuffer();
        var limits = peer.Connection.Limits;
        var room = buffer.Length - end;
        if (!limits.IsLimited(Direction.Down))
        {
            return await ReceiveAsync(room);
        }
        var from = now();
        var granted = await limits.AcquireAsync(Direction.Down, least: 1, most: room, peer.Connection.Stop);
        // Our own limit is not the peer's silence.
        var waited = now() - from;
        peer.MessageSince += waited;
        peer.LastReceived += waited;
        peer.Blocks.LastBlock += waited;
        var received = 0;
        try
        {
            return received = await ReceiveAsync(granted);
        }
        finally
        {
            limits.Settle(Direction.Down, granted, received);
        }
    }

    private async ValueTask<int> ReceiveAsync(int most)
    {
        var received = await peer.Connection.ReceiveAsync(buffer.AsMemory(end, most));
        end += received;
        return received;
    }

    /// <summary>Sends what the turn produced, and lets everything else that waits for the loop run.</summary>
    private async ValueTask EndTurnAsync()
    {
        messages.TurnCompleted(peer);
        if (peer.Connection.IsFull)
        {
            // A peer that does not read its responses sends no further requests; its silence ends the connection.
            await peer.Connection.DrainAsync();
        }
        await Task.Yield();
    }

    /// <summary>
    /// Handles complete messages until the turn is over or the output is full. A fault ends the connection.
    /// </summary>
    private Fault? HandleTurn(out bool hasMore)
    {
        var from = begin;
        hasMore = false;
        peer.Cost.Refill(now(), peer.Down.Total + peer.Up.Total);
        for (var handled = 0; TryNext(out var body, out var fault); handled++)
        {
            if (fault is not null)
            {
                return fault;
            }
            if (
                handled >= EngineLimits.MaxTurnMessages
                || begin - from >= EngineLimits.MaxTurnBytes
                || peer.Connection.IsFull
            )
            {
                hasMore = true;
                return null;
            }
            begin += PrefixBytes + body.Length;
            peer.MessageSince = null;
            if (Handle(body) is { } rejected)
            {
                return rejected;
            }
        }
        return null;
    }

    /// <summary>Finds the next complete message, or the fault of its length.</summary>
    private bool TryNext(out ReadOnlySpan<byte> body, out Fault? tooLong)
    {
        var bytes = buffer.AsSpan(begin, end - begin);
        body = default;
        needed = 0;
        if (!PeerMessage.TryReadLength(bytes, out var length, out tooLong))
        {
            return tooLong is not null;
        }
        if (bytes.Length < PrefixBytes + length)
        {
            needed = PrefixBytes + length;
            return false;
        }
        body = bytes.Slice(PrefixBytes, length);
        return true;
    }

    private Fault? Handle(ReadOnlySpan<byte> body)
    {
        if (!PeerMessage.TryRead(body, out var message, out var fault))
        {
            return fault;
        }
        var (kind, cost) = MessageCosts.Of(message, peer.Pieces?.Count ?? 0);
        peer.Cost.Charge(kind, cost);
        var unrequested = peer.Blocks.UnrequestedBlocks;
        var queuedBytes = peer.Connection.Output.Count;
        if (messages.Handle(peer, message) is { } rejected)
        {
            return rejected;
        }
        peer.Cost.Charge(kind, (peer.Connection.Output.Count - queuedBytes) / MessageCosts.AnswerBytesPerUnit);
        if (peer.Blocks.UnrequestedBlocks > unrequested)
        {
            peer.Cost.Charge(CostKind.UnrequestedBlock, MessageCosts.UnrequestedBlock);
        }
        if (peer.Cost.IsExhausted)
        {
            peer.Expel();
        }
        return peer.DropReason is { } dropped ? new Fault(dropped) : null;
    }

    /// <summary>
    /// Moves an incomplete message to the front, and fits the buffer: large after it was filled completely, as long as
    /// the message that is incomplete, and small again once a receive brings little.
    /// </summary>
    private void FitBuffer()
    {
        var kept = end - begin;
        var wasFull = buffer.Length > 0 && end == buffer.Length;
        var isUnused = end <= buffer.Length / 8;
        var wanted = Math.Max(needed, wasFull ? EngineLimits.LargeReceiveBytes : EngineLimits.SmallReceiveBytes);
        if (wanted > buffer.Length || (isUnused && wanted <= buffer.Length / 2))
        {
            var other = ArrayPool<byte>.Shared.Rent(wanted);
            buffer.AsSpan(begin, kept).CopyTo(other);
            Return(buffer);
            buffer = other;
        }
        else
        {
            buffer.AsSpan(begin, kept).CopyTo(buffer);
        }
        begin = 0;
        end = kept;
    }

    private static void Return(byte[] array)
    {
        if (array.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(array);
        }
    }
}
