using Anatomic.Wire;
using Anatomic.Wire.Trackers;
using Anatomic.World;

namespace Anatomic.Engine.Trackers;

/// <summary>An announce over UDP (BEP 15, 41): connect, then announce, each sent again while nobody answers.</summary>
internal sealed class UdpTrackerClient(IWorld world, Entropy entropy)
{
    private const int MaxDatagramBytes = 64 * 1024;

    private readonly Dictionary<Endpoint, (ulong Id, DateTimeOffset Until)> connections = [];

    public async Task<AnnounceResponse> AskAsync(
        Uri tracker,
        Endpoint address,
        AnnounceRequest request,
        CancellationToken stop
    )
    {
        var any = address.IsV4 ? Endpoint.FromV4(0, 0) : new Endpoint(0, 0, 0);
        await using var socket = world.Network.Bind(any);
        var connection = await ConnectAsync(socket, address, stop);
        var packet = new byte[TrackerProtocolLimits.MaxUdpRequestBytes];
        var transaction = (uint)entropy.NextUInt64();
        var urlData = tracker.PathAndQuery.Length > 1 ? tracker.PathAndQuery : "";
        var length = UdpClientCodec.WriteAnnounce(packet, connection, transaction, request, urlData);
        var answer = await AskAsync(socket, address, packet.AsMemory(0, length), transaction, UdpAction.Announce, stop);
        if (!UdpClientCodec.TryReadAnnounce(answer.Span, !address.IsV4, out var reply, out var fault))
        {
            throw new NetworkException($"the tracker's reply cannot be read: {fault}");
        }
        return reply;
    }

    private async Task<ulong> ConnectAsync(IDatagramSocket socket, Endpoint address, CancellationToken stop)
    {
        var now = world.Clock.GetUtcNow();
        if (connections.TryGetValue(address, out var known) && now < known.Until)
        {
            return known.Id;
        }
        var packet = new byte[UdpClientCodec.ConnectBytes];
        var transaction = (uint)entropy.NextUInt64();
        UdpClientCodec.WriteConnect(packet, transaction);
        var answer = await AskAsync(socket, address, packet, transaction, UdpAction.Connect, stop);
        if (!UdpClientCodec.TryReadConnect(answer.Span, out var id, out var fault))
        {
            throw new NetworkException($"the tracker's reply cannot be read: {fault}");
        }
        if (connections.Count >= EngineLimits.MaxTrackers)
        {
            connections.Clear();
        }
        connections[address] = (id, now + EngineLimits.UdpConnectionIdLifetime);
        return id;
    }

    private async Task<ReadOnlyMemory<byte>> AskAsync(
        IDatagramSocket socket,
        Endpoint address,
        ReadOnlyMemory<byte> packet,
        uint transaction,
        UdpAction wanted,
        CancellationToken stop
    )
    {
        foreach (var wait in EngineLimits.UdpRetransmitDelays)
        {
            await socket.SendAsync(address, packet, stop);
            using var timer = new CancellationTokenSource(wait, world.Clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, stop);
            try
            {
                return await ReceiveAsync(socket, address, transaction, wanted, either.Token);
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                // Nobody answered in time: it is sent again.
            }
        }
        throw new NetworkException($"the UDP tracker at {address} does not answer");
    }

    private async Task<ReadOnlyMemory<byte>> ReceiveAsync(
        IDatagramSocket socket,
        Endpoint address,
        uint transaction,
        UdpAction wanted,
        CancellationToken stop
    )
    {
        var datagram = new byte[MaxDatagramBytes];
        while (true)
        {
            var (length, from) = await socket.ReceiveAsync(datagram, stop);
            var received = datagram.AsMemory(0, length);
            if (
                from != address
                || !UdpClientCodec.TryReadHeader(received.Span, out var action, out var answered, out _)
                || answered != transaction
            )
            {
                continue;
            }
            if (action == UdpAction.Error)
            {
                // The connection id may have become stale.
                connections.Remove(address);
                throw new NetworkException($"the tracker refuses: {UdpClientCodec.ReadError(received.Span)}");
            }
            if (action == wanted)
            {
                return received;
            }
        }
    }
}
