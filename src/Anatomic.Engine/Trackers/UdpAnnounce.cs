using Anatomic.Wire;
using Anatomic.Wire.Trackers;
using Anatomic.World;

namespace Anatomic.Engine.Trackers;

/// <summary>An announce over UDP (BEP 15, 41): connect, then announce, each sent again while nobody answers.</summary>
internal sealed class UdpAnnounce(IWorld world, Entropy entropy)
{
    private const int MaxDatagramBytes = 64 * 1024;

    private readonly Dictionary<Endpoint, (ulong Id, DateTimeOffset Until)> connections = [];

    public async Task<AnnounceReply> AskAsync(
        Uri tracker,
        Endpoint address,
        AnnounceRequest request,
        CancellationToken stop
    )
    {
        var any = address.IsV4 ? Endpoint.FromV4(0, 0) : new Endpoint(0, 0, 0);
        await using var socket = world.Network.Bind(any);
        var connection = await ConnectAsync(socket, address, stop);
        var packet = new byte[TrackerLimits.MaxUdpRequestBytes];
        var transaction = (uint)entropy.NextUInt64();
        var urlData = tracker.PathAndQuery.Length > 1 ? tracker.PathAndQuery : "";
        var length = UdpRequests.WriteAnnounce(packet, connection, transaction, request, urlData);
        var answer = await AskAsync(socket, address, packet.AsMemory(0, length), transaction, UdpAction.Announce, stop);
        if (!UdpReplies.TryReadAnnounce(answer.Span, !address.IsV4, out var reply, out var fault))
        {
            throw new NetworkException($"the tracker's reply cannot be read: {fault}");
        }
        return reply;
    }

    private async Task<ulong> ConnectAsync(IDatagrams socket, Endpoint address, CancellationToken stop)
    {
        var now = world.Clock.GetUtcNow();
        if (connections.TryGetValue(address, out var known) && now < known.Until)
        {
            return known.Id;
        }
        var packet = new byte[UdpRequests.ConnectBytes];
        var transaction = (uint)entropy.NextUInt64();
        UdpRequests.WriteConnect(packet, transaction);
        var answer = await AskAsync(socket, address, packet, transaction, UdpAction.Connect, stop);
        if (!UdpReplies.TryReadConnect(answer.Span, out var id, out var fault))
        {
            throw new NetworkException($"the tracker's reply cannot be read: {fault}");
        }
        if (connections.Count >= EngineLimits.MaxTrackers)
        {
            connections.Clear();
        }
        connections[address] = (id, now + EngineLimits.UdpConnectionLife);
        return id;
    }

    private async Task<ReadOnlyMemory<byte>> AskAsync(
        IDatagrams socket,
        Endpoint address,
        ReadOnlyMemory<byte> packet,
        uint transaction,
        UdpAction wanted,
        CancellationToken stop
    )
    {
        foreach (var wait in EngineLimits.UdpWaits)
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
        IDatagrams socket,
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
                || !UdpReplies.TryReadHeader(received.Span, out var action, out var answered, out _)
                || answered != transaction
            )
            {
                continue;
            }
            if (action == UdpAction.Error)
            {
                // The connection id may have become stale.
                connections.Remove(address);
                throw new NetworkException($"the tracker refuses: {UdpReplies.ReadError(received.Span)}");
            }
            if (action == wanted)
            {
                return received;
            }
        }
    }
}
