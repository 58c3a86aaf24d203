using Anatomic.Wire;
using Anatomic.Wire.Trackers;
using Anatomic.World;

namespace Anatomic.Engine.Trackers;

/// <summary>
/// Announces over UDP (BEP 15, BEP 41): connect, then announce. All torrents share one port for each address family and
/// the connection ids. Responses are told apart by their transaction and their sender. Used on one loop.
/// </summary>
internal sealed class UdpTrackerClient(INetwork network, ILoop loop, AnnounceIdentity identity, CancellationToken stop)
    : IDatagramPortHandler,
        IAsyncDisposable
{
    private readonly Dictionary<Endpoint, Connection> connections = [];
    private readonly Dictionary<uint, Exchange> exchanges = [];
    private IDatagramPort? portV4;
    private IDatagramPort? portV6;

    private TimeProvider Clock => identity.Clock;

    /// <exception cref="NetworkException">The tracker does not respond, or its response cannot be read.</exception>
    public async Task<AnnounceOutcome> AnnounceAsync(
        Uri tracker,
        Endpoint address,
        AnnounceRequest request,
        CancellationToken caller
    )
    {
        var urlData = tracker.PathAndQuery.Length > 1 ? tracker.PathAndQuery : "";
        var packet = new byte[TrackerProtocolLimits.MaxUdpRequestBytes];
        foreach (var delay in EngineLimits.UdpRetransmitDelays)
        {
            var connection = FindConnection(address);
            var isKnown = connection.Connecting.IsCompletedSuccessfully;
            await connection.Connecting.WaitAsync(caller);
            if (connection.Rejection is { } rejection)
            {
                return Rejected(rejection);
            }
            using var exchange = Begin(address, UdpAction.Announce);
            var length = UdpClientCodec.WriteAnnounce(packet, connection.Id, exchange.Transaction, request, urlData);
            Send(address, packet.AsSpan(0, length));
            var response = await exchange.WaitAsync(delay, caller);
            if (response is null)
            {
                // A tracker that was restarted ignores the connection ids that it gave before.
                Forget(address, connection, isKnown);
                continue;
            }
            if (exchange.Action == UdpAction.Error)
            {
                Forget(address, connection, isFaulty: true);
                if (isKnown && delay != EngineLimits.UdpRetransmitDelays[^1])
                {
                    // The connection id may have expired.
                    continue;
                }
                return Rejected(UdpClientCodec.ReadError(response));
            }
            return UdpClientCodec.TryReadAnnounce(response, !address.IsV4, out var answer, out var fault)
                ? new AnnounceOutcome { Response = answer, WasReached = true }
                : new AnnounceOutcome
                {
                    Failure = $"the tracker's response cannot be read: {fault}",
                    WasReached = true,
                };
        }
        throw new NetworkException($"the UDP tracker at {address} does not respond");
    }

    public void Handle(in DatagramBatch received)
    {
        for (var i = 0; i < received.Count; i++)
        {
            var datagram = received.Payload(i);
            if (
                UdpClientCodec.TryReadHeader(datagram, out var action, out var transaction, out _)
                && exchanges.TryGetValue(transaction, out var exchange)
                && exchange.Address == received.From(i)
            )
            {
                exchange.Complete(action, datagram);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var port in new[] { portV4, portV6 })
        {
            if (port is not null)
            {
                await port.DisposeAsync();
            }
        }
    }

    private static AnnounceOutcome Rejected(string reason) =>
        new()
        {
            Response = new AnnounceResponse { FailureReason = reason },
            WasReached = true,
        };

    /// <summary>The connection to a tracker; one that is opened now is shared by everyone who needs it.</summary>
    private Connection FindConnection(Endpoint address)
    {
        var now = identity.Now;
        if (connections.TryGetValue(address, out var known) && now < known.Expires)
        {
            return known;
        }
        if (connections.Count >= EngineLimits.MaxTrackerHosts)
        {
            connections.Clear();
        }
        var connection = new Connection { Expires = DateTimeOffset.MaxValue };
        connections[address] = connection;
        connection.Connecting = ConnectAsync(address, connection);
        return connection;
    }

    private void Forget(Endpoint address, Connection connection, bool isFaulty)
    {
        if (isFaulty && connections.GetValueOrDefault(address) == connection)
        {
            connections.Remove(address);
        }
    }

    private async Task ConnectAsync(Endpoint address, Connection connection)
    {
        try
        {
            var response = await ConnectAsync(address);
            if (response.Action == UdpAction.Error)
            {
                connection.Rejection = UdpClientCodec.ReadError(response.Datagram);
                Forget(address, connection, isFaulty: true);
                return;
            }
            if (!UdpClientCodec.TryReadConnect(response.Datagram, out var id, out var fault))
            {
                throw new NetworkException($"the tracker's response cannot be read: {fault}");
            }
            connection.Id = id;
            connection.Expires = identity.Now + EngineLimits.UdpConnectionIdLifetime;
        }
        catch
        {
            Forget(address, connection, isFaulty: true);
            throw;
        }
    }

    /// <summary>Sends the request until its response arrives, at most once per retransmit delay.</summary>
    private async Task<(UdpAction Action, byte[] Datagram)> ConnectAsync(Endpoint address)
    {
        using var exchange = Begin(address, UdpAction.Connect);
        var packet = new byte[UdpClientCodec.ConnectBytes];
        UdpClientCodec.WriteConnect(packet, exchange.Transaction);
        foreach (var delay in EngineLimits.UdpRetransmitDelays)
        {
            Send(address, packet);
            if (await exchange.WaitAsync(delay, stop) is { } response)
            {
                return (exchange.Action, response);
            }
        }
        throw new NetworkException($"the UDP tracker at {address} does not respond");
    }

    private Exchange Begin(Endpoint address, UdpAction expected)
    {
        uint transaction;
        do
        {
            transaction = (uint)identity.Entropy.NextUInt64();
        } while (exchanges.ContainsKey(transaction));
        var exchange = new Exchange(this, transaction, address, expected);
        exchanges.Add(transaction, exchange);
        return exchange;
    }

    private void Send(Endpoint to, ReadOnlySpan<byte> datagram)
    {
        var port = to.IsV4
            ? portV4 ??= network.OpenDatagramPort(Endpoint.FromV4(0, 0), loop, this)
            : portV6 ??= network.OpenDatagramPort(new Endpoint(0, 0, 0), loop, this);
        port.Send(to, datagram);
        port.Flush();
    }

    private sealed class Connection
    {
        public Task Connecting { get; set; } = Task.CompletedTask;
        public ulong Id { get; set; }
        public string? Rejection { get; set; }
        public DateTimeOffset Expires { get; set; }
    }

    /// <summary>A request that waits for its response.</summary>
    private sealed class Exchange(UdpTrackerClient client, uint transaction, Endpoint address, UdpAction expected)
        : IDisposable
    {
        private readonly TaskCompletionSource<byte[]> completion = new();

        public uint Transaction => transaction;
        public Endpoint Address => address;

        /// <summary>What arrived: the expected response, or an error.</summary>
        public UdpAction Action { get; private set; }

        public void Complete(UdpAction action, ReadOnlySpan<byte> datagram)
        {
            if (action == expected || action == UdpAction.Error)
            {
                Action = action;
                completion.TrySetResult(datagram.ToArray());
            }
        }

        /// <summary>Null when no response arrived in time.</summary>
        public async Task<byte[]?> WaitAsync(TimeSpan timeout, CancellationToken stop)
        {
            using var timer = new CancellationTokenSource(timeout, client.Clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, stop);
            try
            {
                return await completion.Task.WaitAsync(either.Token);
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                return null;
            }
        }

        public void Dispose() => client.exchanges.Remove(transaction);
    }
}
