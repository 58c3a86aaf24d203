using System.Buffers;
using Anatomic.Wire;
using Anatomic.Wire.Peers;
using Anatomic.World;

namespace Anatomic.Simulation.Tests.Scenarios.Swarms;

/// <summary>A connection to a client on which a test writes and reads messages by hand.</summary>
internal sealed class RawPeer : IAsyncDisposable
{
    private const int PrefixBytes = 4;
    private static readonly CancellationToken Never = CancellationToken.None;

    private readonly IConnection connection;
    private readonly byte[] buffer = new byte[1 << 17];
    private int filled;

    private RawPeer(IConnection connection) => this.connection = connection;

    public delegate bool MessageCondition(in PeerMessage message);

    /// <summary>Connects and exchanges the handshakes of BEP 3, with BEP 6 and BEP 10.</summary>
    public static async Task<RawPeer> ConnectAsync(IWorld world, Endpoint to, Hash20 swarm)
    {
        var dialled = await world.Network.DialAsync(to, Never);
        Hash20.TryParseHex(new string('a', 40), out var own).ShouldBeTrue();
        var bytes = new byte[PeerLimits.HandshakeBytes];
        new Handshake(swarm, own, PeerFeatures.Fast | PeerFeatures.Extended).Write(bytes);
        await dialled.SendAsync(bytes, Never);
        var read = 0;
        while (read < bytes.Length)
        {
            read += await dialled.ReceiveAsync(bytes.AsMemory(read), Never);
        }
        return new RawPeer(dialled);
    }

    public Task SendAsync(Action<IBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(output);
        return connection.SendAsync(output.WrittenSpan.ToArray(), Never).AsTask();
    }

    /// <summary>Reads messages until one fulfils the condition.</summary>
    public async Task ReadUntilAsync(MessageCondition condition)
    {
        while (!FindMessage(condition))
        {
            var received = await connection.ReceiveAsync(buffer.AsMemory(filled), Never);
            received.ShouldBeGreaterThan(0);
            filled += received;
        }
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    /// <summary>Takes the received messages up to the first that fulfils the condition; false when none does.</summary>
    private bool FindMessage(MessageCondition condition)
    {
        var at = 0;
        var isFound = false;
        while (!isFound && PeerMessage.TryReadLength(buffer.AsSpan(at, filled - at), out var length, out _))
        {
            if (filled - at < PrefixBytes + length)
            {
                break;
            }
            PeerMessage.TryRead(buffer.AsSpan(at + PrefixBytes, length), out var message, out _).ShouldBeTrue();
            isFound = condition(message);
            at += PrefixBytes + length;
        }
        buffer.AsSpan(at, filled - at).CopyTo(buffer);
        filled -= at;
        return isFound;
    }
}
