using System.Buffers;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;
using Anatomic.Wire.Peers;
using Anatomic.World;

namespace Anatomic.Simulation.Scenarios.Swarms;

/// <summary>What a <see cref="FloodingPeer"/> repeats without end.</summary>
public enum PeerFlood
{
    /// <summary>It has all pieces, then none.</summary>
    HaveAllHaveNone,

    /// <summary>It cancels requests that it never sent.</summary>
    Cancels,

    /// <summary>It rejects requests that it never received.</summary>
    Rejects,

    /// <summary>It requests one byte of every piece.</summary>
    TinyRequests,

    /// <summary>It changes its interest.</summary>
    Interest,

    /// <summary>It sends its extended handshake.</summary>
    ExtendedHandshakes,

    /// <summary>It requests the metadata.</summary>
    MetadataRequests,
}

/// <summary>Connects to a client, and sends it cheap messages that are expensive to handle.</summary>
public sealed class FloodingPeer(SimulatedHost host, TorrentMetainfo metainfo, PeerFlood flood)
{
    private const int MessagesPerSend = 1_000;
    private static readonly ExtendedHandshake MetadataHandshake = new()
    {
        Extensions = new Dictionary<string, byte> { ["ut_metadata"] = 1 },
    };

    /// <summary>Messages sent before the client closed the connection.</summary>
    public int MessagesSent { get; private set; }

    /// <summary>Bytes received from the client.</summary>
    public long BytesReceived { get; private set; }

    /// <summary>Connects, and floods until the client closes the connection; false when it sent no handshake.</summary>
    public Task<bool> RunAsync(Endpoint client) => host.RunAsync(world => RunAsync(world, client));

    private async Task<bool> RunAsync(IWorld world, Endpoint client)
    {
        await using var connection = await world.Network.DialAsync(client, CancellationToken.None);
        var isAccepted = false;
        try
        {
            await connection.SendAsync(FirstMessages(), CancellationToken.None);
            var buffer = new byte[PeerLimits.BlockBytes];
            isAccepted = await connection.ReceiveAsync(buffer, CancellationToken.None) > 0;
            using var ended = new CancellationTokenSource();
            var sending = SendAsync(world, connection, ended.Token);
            while (await connection.ReceiveAsync(buffer, CancellationToken.None) is > 0 and var count)
            {
                BytesReceived += count;
            }
            ended.Cancel();
            await sending;
        }
        catch (Exception end) when (end is NetworkException or OperationCanceledException)
        {
            // The client closed the connection.
        }
        return isAccepted;
    }

    private async Task SendAsync(IWorld world, IConnection connection, CancellationToken stop)
    {
        try
        {
            while (true)
            {
                var batch = new ArrayBufferWriter<byte>();
                for (var i = 0; i < MessagesPerSend; i++)
                {
                    Write(batch, MessagesSent++);
                }
                await connection.SendAsync(batch.WrittenMemory, stop);
                await Task.Delay(TimeSpan.FromMilliseconds(20), world.Clock, stop);
            }
        }
        catch (Exception end) when (end is NetworkException or OperationCanceledException)
        {
            // The client closed the connection.
        }
    }

    private byte[] FirstMessages()
    {
        var first = new ArrayBufferWriter<byte>();
        var id = new Hash20([.. "-XX0000-"u8, .. host.Addresses[0].GetAddressBytes(), .. new byte[8]]);
        var handshake = new Handshake(metainfo.Info.SwarmIds[0], id, PeerFeatures.Fast | PeerFeatures.Extended);
        handshake.Write(first.GetSpan(PeerLimits.HandshakeBytes));
        first.Advance(PeerLimits.HandshakeBytes);
        PeerMessageWriter.Extended(first, 0, MetadataHandshake.Write());
        PeerMessageWriter.Plain(first, PeerMessageId.HaveNone);
        PeerMessageWriter.Plain(first, PeerMessageId.Interested);
        PeerMessageWriter.Plain(first, PeerMessageId.Unchoke);
        return first.WrittenSpan.ToArray();
    }

    private void Write(ArrayBufferWriter<byte> batch, int number)
    {
        var piece = new PieceIndex(number % metainfo.Info.PieceCount);
        var isEven = number % 2 == 0;
        switch (flood)
        {
            case PeerFlood.HaveAllHaveNone:
                PeerMessageWriter.Plain(batch, isEven ? PeerMessageId.HaveAll : PeerMessageId.HaveNone);
                break;
            case PeerFlood.Cancels:
                PeerMessageWriter.Block(batch, PeerMessageId.Cancel, new BlockRange(piece, 0, PeerLimits.BlockBytes));
                break;
            case PeerFlood.Rejects:
                PeerMessageWriter.Block(
                    batch,
                    PeerMessageId.RejectRequest,
                    new BlockRange(piece, 0, PeerLimits.BlockBytes)
                );
                break;
            case PeerFlood.TinyRequests:
                var begin = number / metainfo.Info.PieceCount % PeerLimits.BlockBytes;
                PeerMessageWriter.Block(batch, PeerMessageId.Request, new BlockRange(piece, begin, 1));
                break;
            case PeerFlood.Interest:
                PeerMessageWriter.Plain(batch, isEven ? PeerMessageId.NotInterested : PeerMessageId.Interested);
                break;
            case PeerFlood.ExtendedHandshakes:
                PeerMessageWriter.Extended(batch, 0, MetadataHandshake.Write());
                break;
            case PeerFlood.MetadataRequests:
                PeerMessageWriter.Extended(batch, 1, MetadataMessage.Request(0).Write());
                break;
        }
    }
}
