using System.Buffers;
using System.Buffers.Binary;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;
using Anatomic.Wire.Peers;
using Anatomic.World;

namespace Anatomic.Simulation.Scenarios.Swarms;

/// <summary>Many connections from one host that take places and do nothing.</summary>
public sealed class ConnectionCrowd(SimulatedHost host, TorrentMetainfo metainfo)
{
    private readonly List<IConnection> connections = [];

    /// <summary>Opens connections that say nothing at all.</summary>
    public Task ConnectSilentlyAsync(Endpoint client, int count) =>
        host.RunAsync(async world =>
        {
            for (var i = 0; i < count; i++)
            {
                connections.Add(await world.Network.DialAsync(client, CancellationToken.None));
            }
        });

    /// <summary>Opens connections of peers that have nothing and want everything.</summary>
    public Task ConnectInterestedAsync(Endpoint client, int count) =>
        host.RunAsync(world =>
        {
            for (var i = 0; i < count; i++)
            {
                _ = StayAsync(world, client, i);
            }
            return Task.CompletedTask;
        });

    /// <summary>Sends the first 48 bytes of a handshake; returns how many bytes come back.</summary>
    public Task<int> SendHalfHandshakeAsync(Endpoint client) =>
        host.RunAsync(async world =>
        {
            await using var connection = await world.Network.DialAsync(client, CancellationToken.None);
            await connection.SendAsync(Handshake(0).AsMemory(..^Hash20.Length), CancellationToken.None);
            var buffer = new byte[PeerLimits.HandshakeBytes];
            var filled = 0;
            while (
                filled < buffer.Length
                && await connection.ReceiveAsync(buffer.AsMemory(filled), CancellationToken.None) is > 0 and var count
            )
            {
                filled += count;
            }
            return filled;
        });

    private async Task StayAsync(IWorld world, Endpoint client, int number)
    {
        try
        {
            await using var connection = await world.Network.DialAsync(client, CancellationToken.None);
            var first = new ArrayBufferWriter<byte>();
            first.Write(Handshake(number));
            PeerMessageWriter.Plain(first, PeerMessageId.HaveNone);
            PeerMessageWriter.Plain(first, PeerMessageId.Interested);
            await connection.SendAsync(first.WrittenMemory, CancellationToken.None);
            var buffer = new byte[PeerLimits.BlockBytes];
            while (await connection.ReceiveAsync(buffer, CancellationToken.None) > 0) { }
        }
        catch (NetworkException)
        {
            // The client closed the connection.
        }
    }

    private byte[] Handshake(int number)
    {
        var id = new byte[Hash20.Length];
        BinaryPrimitives.WriteInt32BigEndian(id, number + 1);
        var bytes = new byte[PeerLimits.HandshakeBytes];
        new Handshake(metainfo.Info.SwarmIds[0], new Hash20(id), PeerFeatures.Fast).Write(bytes);
        return bytes;
    }
}
