using System.Buffers;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;
using Anatomic.Wire.Peers;
using Anatomic.World;

namespace Anatomic.Simulation.Scenarios.Swarms;

/// <summary>What a <see cref="FaultyPeer"/> does wrong.</summary>
public enum PeerFault
{
    /// <summary>Every block it sends has wrong data.</summary>
    CorruptBlocks,

    /// <summary>It sends wrong blocks, and closes the connection before they can be checked.</summary>
    CorruptBlocksThenClose,

    /// <summary>It offers every piece and never answers a request.</summary>
    NoResponse,

    /// <summary>Every block it sends lacks its last byte.</summary>
    ShortBlocks,

    /// <summary>It unchokes and then rejects every request (BEP 6).</summary>
    Rejects,

    /// <summary>It claims the largest metadata (BEP 9) and sends 16 KiB of it every 15 seconds.</summary>
    TricklesMetadata,
}

/// <summary>A peer that claims to have every piece, and misbehaves.</summary>
public sealed class FaultyPeer(SimulatedHost host, TorrentMetainfo metainfo, PeerFault fault)
{
    private const int Port = 6881;
    private const byte MetadataId = 1;
    private static readonly TimeSpan MetadataDelay = TimeSpan.FromSeconds(15);

    public string Address => $"{host.Address}:{Port}";

    /// <summary>Number of block requests received.</summary>
    public int RequestsReceived { get; private set; }

    /// <summary>Number of metadata requests received.</summary>
    public int MetadataRequestsReceived { get; private set; }

    /// <summary>Number of connections accepted.</summary>
    public int ConnectionsReceived { get; private set; }

    public Task StartAsync() =>
        host.RunAsync(world =>
        {
            _ = ListenAsync(world);
            return Task.CompletedTask;
        });

    private async Task ListenAsync(IWorld world)
    {
        await using var listener = world.Network.Listen(Endpoint.FromV4(0, Port));
        while (true)
        {
            var connection = await listener.AcceptAsync(CancellationToken.None);
            ConnectionsReceived++;
            _ = ServeAsync(world, connection);
        }
    }

    private async Task ServeAsync(IWorld world, IConnection connection)
    {
        try
        {
            await using (connection)
            {
                await ExchangeMessagesAsync(world, connection);
            }
        }
        catch (NetworkException)
        {
            // The client disconnected.
        }
    }

    private async Task ExchangeMessagesAsync(IWorld world, IConnection connection)
    {
        var received = new ArrayBufferWriter<byte>();
        var handshake = new byte[PeerLimits.HandshakeBytes];
        var id = new Hash20([.. "-XX0000-"u8, .. host.Addresses[0].GetAddressBytes(), .. new byte[8]]);
        new Handshake(metainfo.Info.SwarmIds[0], id, Features).Write(handshake);
        await connection.SendAsync(handshake, CancellationToken.None);
        var opening = new ArrayBufferWriter<byte>();
        WriteOpening(opening);
        await connection.SendAsync(opening.WrittenMemory, CancellationToken.None);
        var buffer = new byte[PeerLimits.BlockBytes];
        var done = PeerLimits.HandshakeBytes;
        while (await connection.ReceiveAsync(buffer, CancellationToken.None) is > 0 and var count)
        {
            received.Write(buffer.AsSpan(0, count));
            var reply = new ArrayBufferWriter<byte>();
            done += Answer(received.WrittenSpan[Math.Min(done, received.WrittenCount)..], reply);
            if (reply.WrittenCount > 0)
            {
                if (fault == PeerFault.TricklesMetadata)
                {
                    await Task.Delay(MetadataDelay, world.Clock);
                }
                await connection.SendAsync(reply.WrittenMemory, CancellationToken.None);
            }
            if (fault == PeerFault.CorruptBlocksThenClose && reply.WrittenCount > 0)
            {
                return;
            }
        }
    }

    /// <summary>Answers the complete messages; returns their length in bytes.</summary>
    private int Answer(ReadOnlySpan<byte> bytes, ArrayBufferWriter<byte> reply)
    {
        var done = 0;
        while (PeerMessage.TryReadLength(bytes[done..], out var length, out _) && bytes.Length >= done + 4 + length)
        {
            Invariant.Holds(PeerMessage.TryRead(bytes.Slice(done + 4, length), out var message, out _));
            done += 4 + length;
            if (message.Id == PeerMessageId.Extended && message.ExtendedId == MetadataId)
            {
                SendMetadata(message.Payload.ToArray(), reply);
            }
            if (message.Id != PeerMessageId.Request)
            {
                continue;
            }
            RequestsReceived++;
            switch (fault)
            {
                case PeerFault.CorruptBlocks:
                case PeerFault.CorruptBlocksThenClose:
                    SendZeros(message.Block, reply);
                    break;
                case PeerFault.ShortBlocks:
                    SendZeros(message.Block with { Length = message.Block.Length - 1 }, reply);
                    break;
                case PeerFault.Rejects:
                    PeerMessageWriter.Block(reply, PeerMessageId.RejectRequest, message.Block);
                    break;
            }
        }
        return done;
    }

    private PeerFeatures Features =>
        fault switch
        {
            PeerFault.Rejects => PeerFeatures.Fast,
            PeerFault.TricklesMetadata => PeerFeatures.Extended,
            _ => PeerFeatures.None,
        };

    private void WriteOpening(ArrayBufferWriter<byte> opening)
    {
        if (fault == PeerFault.TricklesMetadata)
        {
            var handshake = new ExtendedHandshake
            {
                Extensions = new Dictionary<string, byte> { ["ut_metadata"] = MetadataId },
                MetadataBytes = PeerLimits.MaxMetadataBytes,
            };
            PeerMessageWriter.Extended(opening, 0, handshake.Write());
        }
        var all = new PieceSet(metainfo.Info.PieceCount);
        all.AddAll();
        PeerMessageWriter.Bitfield(opening, all.Bytes);
        PeerMessageWriter.Plain(opening, PeerMessageId.Unchoke);
    }

    private void SendMetadata(byte[] payload, ArrayBufferWriter<byte> reply)
    {
        Invariant.Holds(MetadataMessage.TryRead(payload, out var message, out _));
        if (message.Kind == MetadataKind.Request)
        {
            MetadataRequestsReceived++;
            var data = new MetadataMessage(
                MetadataKind.Data,
                message.Piece,
                PeerLimits.MaxMetadataBytes,
                new byte[PeerLimits.MetadataPieceBytes]
            );
            PeerMessageWriter.Extended(reply, MetadataId, data.Write());
        }
    }

    private static void SendZeros(BlockRange block, ArrayBufferWriter<byte> reply)
    {
        PeerMessageWriter.PiecePrefix(reply.GetSpan(PeerMessageWriter.PiecePrefixBytes), block);
        reply.Advance(PeerMessageWriter.PiecePrefixBytes);
        reply.Write(new byte[block.Length]);
    }
}
