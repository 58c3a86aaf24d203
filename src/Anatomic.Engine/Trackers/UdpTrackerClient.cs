using Anatomic.Wire;
using Anatomic.Wire.Trackers;
using Anatomic.World;

namespace Anatomic.Engine.Trackers;

/// <summary>
/// Announces over UDP (BEP 15, BEP 41): connect, then announce. Each request is sent again when no response arrives.
/// </summary>
internal sealed class UdpTrackerClient(IWorld world, Entropy entropy)
{
    private readonly Dictionary<Endpoint, (ulong Id, DateTimeOffset Expires)> connectionIds = [];

    public async Task<AnnounceOutcome> AnnounceAsync(
        Uri tracker,
        Endpoint address,
        AnnounceRequest request,
        CancellationToken stop
    )
    {
        var any = address.IsV4 ? Endpoint.FromV4(0, 0) : new Endpoint(0, 0, 0);
        await using var socket = world.Network.Bind(any);
        var connectionId = await ConnectAsync(socket, address, stop);
        var packet = new byte[TrackerProtocolLimits.MaxUdpRequestBytes];
        var transaction = (uint)entropy.NextUInt64();
        var urlData = tracker.PathAndQuery.Length > 1 ? tracker.PathAndQuery : "";
        var length = UdpClientCodec.WriteAnnounce(packet, connectionId, transaction, request, urlData);
        var received = await SendAsync(
            socket,
            address,
            packet.AsMemory(0, length),
            transaction,
            UdpAction.Announce,
            stop
        );
        if (!UdpClientCodec.TryReadAnnounce(received.Span, !address.IsV4, out var response, out var fault))
        {
            throw new NetworkException($"the tracker's response cannot be read: {fault}");
        }
        return new AnnounceOutcome { Response = response, WasReached = true };
    }

    private async Task<ulong> ConnectAsync(IDatagramSocket socket, Endpoint address, CancellationToken stop)
    {
        var now = world.Clock.GetUtcNow();
        if (connectionIds.TryGetValue(address, out var known) && now < known.Expires)
        {
            return known.Id;
        }
        var packet = new byte[UdpClientCodec.ConnectBytes];
        var transaction = (uint)entropy.NextUInt64();
        UdpClientCodec.WriteConnect(packet, transaction);
        var received = await SendAsync(socket, address, packet, transaction, UdpAction.Connect, stop);
        if (!UdpClientCodec.TryReadConnect(received.Span, out var id, out var fault))
        {
            throw new NetworkException($"the tracker's response cannot be read: {fault}");
        }
        if (connectionIds.Count >= EngineLimits.MaxTrackers)
        {
            connectionIds.Clear();
        }
        connectionIds[address] = (id, now + EngineLimits.UdpConnectionIdLifetime);
        return id;
    }

    /// <summary>Sends a request until its response arrives, at most once per retransmit delay.</summary>
    private async Task<ReadOnlyMemory<byte>> SendAsync(
        IDatagramSocket socket,
        Endpoint address,
        ReadOnlyMemory<byte> packet,
        uint transaction,
        UdpAction expected,
        CancellationToken stop
    )
    {
        foreach (var delay in EngineLimits.UdpRetransmitDelays)
        {
            await socket.SendAsync(address, packet, stop);
            using var timer = new CancellationTokenSource(delay, world.Clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, stop);
            try
            {
                return await ReceiveAsync(socket, address, transaction, expected, either.Token);
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                // No response in time: send the request again.
            }
        }
        throw new NetworkException($"the UDP tracker at {address} does not respond");
    }

    private async Task<ReadOnlyMemory<byte>> ReceiveAsync(
        IDatagramSocket socket,
        Endpoint address,
        uint transaction,
        UdpAction expected,
        CancellationToken stop
    )
    {
        var datagram = new byte[EngineLimits.MaxTrackerDatagramBytes];
        while (true)
        {
            var (length, from) = await socket.ReceiveAsync(datagram, stop);
            var received = datagram.AsMemory(0, length);
            if (
                from != address
                || !UdpClientCodec.TryReadHeader(received.Span, out var action, out var receivedTransaction, out _)
                || receivedTransaction != transaction
            )
            {
                continue;
            }
            if (action == UdpAction.Error)
            {
                // The connection id may have expired.
                connectionIds.Remove(address);
                throw new NetworkException($"the tracker reported an error: {UdpClientCodec.ReadError(received.Span)}");
            }
            if (action == expected)
            {
                return received;
            }
        }
    }
}
