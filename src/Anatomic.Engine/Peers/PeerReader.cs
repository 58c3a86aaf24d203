using System.Buffers;
using Anatomic.Wire;
using Anatomic.Wire.Peers;
using Anatomic.World;

namespace Anatomic.Engine.Peers;

/// <summary>Takes the messages of a peer.</summary>
internal interface IPeerMessageHandler
{
    /// <summary>One message; the fault ends the connection.</summary>
    Fault? Handle(Peer peer, in PeerMessage message);

    /// <summary>Bytes to receive at a time at most.</summary>
    int MostAtOnce { get; }

    /// <summary>Everything that came with one receive is handled: now requests go out together. Returns a pause for the sake of a limit.</summary>
    TimeSpan TurnEnded(Peer peer, int received);
}

/// <summary>
/// The receiving side of a connection: many messages from one buffer. A block is copied once, from here into its piece, and only
/// when all of it is there, so that nobody can change a piece that is already being hashed.
/// </summary>
internal static class PeerReader
{
    private const int PrefixBytes = 4;

    /// <summary>Runs until the connection ends; returns why, for a person.</summary>
    public static async Task<string> RunAsync(Peer peer, IPeerMessageHandler messages, TimeProvider clock)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(EngineLimits.SmallReceiveBytes);
        var filled = 0;
        var most = messages.MostAtOnce;
        try
        {
            while (true)
            {
                var room = Math.Min(most, buffer.Length - filled);
                var received = await peer.Wire.ReceiveAsync(buffer.AsMemory(filled, room));
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
                    if (!peer.Wire.IsFull)
                    {
                        break;
                    }
                    // One that does not read its answers is not heard either, until its silence ends the connection.
                    await peer.Wire.DrainAsync();
                }
                buffer = Room(buffer, filled, needed, wasFull);
                var pause = messages.TurnEnded(peer, received);
                if (pause > TimeSpan.Zero)
                {
                    await Task.Delay(pause, clock, peer.Wire.Stop);
                }
            }
        }
        catch (NetworkException broken)
        {
            return broken.Message;
        }
        catch (OperationCanceledException)
        {
            return "the connection was ended here";
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Handles every whole message, or as many as there is room to answer, and moves the rest to the front.</summary>
    private static Fault? Parse(Peer peer, IPeerMessageHandler messages, byte[] buffer, ref int filled, out int needed)
    {
        var at = 0;
        needed = 0;
        while (!peer.Wire.IsFull && PeerMessage.TryReadLength(buffer.AsSpan(at, filled - at), out var length, out _))
        {
            if (filled - at < PrefixBytes + length)
            {
                needed = PrefixBytes + length;
                break;
            }
            if (!PeerMessage.TryRead(buffer.AsSpan(at + PrefixBytes, length), out var message, out var fault))
            {
                return fault;
            }
            if (messages.Handle(peer, message) is { } refused)
            {
                return refused;
            }
            if (peer.Dropped is { } dropped)
            {
                return new Fault(dropped);
            }
            at += PrefixBytes + length;
        }
        if (filled - at >= PrefixBytes && needed == 0 && !peer.Wire.IsFull)
        {
            PeerMessage.TryReadLength(buffer.AsSpan(at, filled - at), out _, out var tooLong);
            return tooLong;
        }
        buffer.AsSpan(at, filled - at).CopyTo(buffer);
        filled -= at;
        return null;
    }

    /// <summary>A buffer that was filled to its end becomes large; one that cannot hold the next message becomes as long as it.</summary>
    private static byte[] Room(byte[] buffer, int filled, int needed, bool wasFull)
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
