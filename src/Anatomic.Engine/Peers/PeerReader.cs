using System.Buffers;
using Anatomic.Wire;
using Anatomic.Wire.Peers;
using Anatomic.World;

namespace Anatomic.Engine.Peers;

/// <summary>
/// The receiving side of a connection; parses many messages from one buffer. A block is copied once, from this buffer
/// into its piece, and only when it is complete. A peer therefore cannot change a piece that is already being hashed.
/// </summary>
internal static class PeerReader
{
    private const int PrefixBytes = 4;

    /// <summary>Runs until the connection ends; returns the reason, which is shown to the user.</summary>
    public static async Task<string> RunAsync(Peer peer, IPeerMessageHandler messages, TimeProvider clock)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(EngineLimits.SmallReceiveBytes);
        var filled = 0;
        var maxBytes = messages.MaxReceiveBytes;
        try
        {
            while (true)
            {
                var length = Math.Min(maxBytes, buffer.Length - filled);
                var received = await peer.Connection.ReceiveAsync(buffer.AsMemory(filled, length));
                if (received == 0)
                {
                    return "the peer closed the connection";
                }
                filled += received;
                var wasFull = filled == buffer.Length;
                int needed;
                while (true)
                {
                    if (Parse(peer, messages, buffer, ref filled, out needed) is { } fault)
                    {
                        return fault.What;
                    }
                    if (!peer.Connection.IsFull)
                    {
                        break;
                    }
                    // A peer that does not read its responses sends no further requests; its silence ends the
                    // connection.
                    await peer.Connection.DrainAsync();
                }
                buffer = Grow(buffer, filled, needed, wasFull);
                var pause = messages.ReceiveCompleted(peer, received);
                if (pause > TimeSpan.Zero)
                {
                    await Task.Delay(pause, clock, peer.Connection.Stop);
                }
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
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>
    /// Handles all complete messages, or as many as the output has room for, and moves the remaining bytes to the
    /// front.
    /// </summary>
    private static Fault? Parse(Peer peer, IPeerMessageHandler messages, byte[] buffer, ref int filled, out int needed)
    {
        var offset = 0;
        needed = 0;
        while (
            !peer.Connection.IsFull
            && PeerMessage.TryReadLength(buffer.AsSpan(offset, filled - offset), out var length, out _)
        )
        {
            if (filled - offset < PrefixBytes + length)
            {
                needed = PrefixBytes + length;
                break;
            }
            if (!PeerMessage.TryRead(buffer.AsSpan(offset + PrefixBytes, length), out var message, out var fault))
            {
                return fault;
            }
            if (messages.Handle(peer, message) is { } rejected)
            {
                return rejected;
            }
            if (peer.DropReason is { } dropped)
            {
                return new Fault(dropped);
            }
            offset += PrefixBytes + length;
        }
        if (filled - offset >= PrefixBytes && needed == 0 && !peer.Connection.IsFull)
        {
            PeerMessage.TryReadLength(buffer.AsSpan(offset, filled - offset), out _, out var tooLong);
            return tooLong;
        }
        buffer.AsSpan(offset, filled - offset).CopyTo(buffer);
        filled -= offset;
        return null;
    }

    /// <summary>Grows the buffer after it was filled completely, or when the next message does not fit.</summary>
    private static byte[] Grow(byte[] buffer, int filled, int needed, bool wasFull)
    {
        var wanted = Math.Max(needed, wasFull ? EngineLimits.LargeReceiveBytes : 0);
        if (wanted <= buffer.Length)
        {
            return buffer;
        }
        var larger = ArrayPool<byte>.Shared.Rent(wanted);
        buffer.AsSpan(0, filled).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}
