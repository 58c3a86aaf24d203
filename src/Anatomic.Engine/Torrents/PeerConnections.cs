using Anatomic.Engine.Peers;
using Anatomic.Wire;
using Anatomic.Wire.Peers;
using Anatomic.World;

namespace Anatomic.Engine.Torrents;

/// <summary>
/// The peer connections of one torrent: dials peers, accepts incoming connections, performs the handshake, and closes
/// useless connections.
/// </summary>
internal sealed class PeerConnections(TorrentContext torrent, PeerMessageHandler messages, PeerList addresses)
{
    private int lastNumber;
    private int dials;
    private bool isClosed;
    private readonly Queue<string> recentDisconnects = new();
    private int open;
    private readonly TaskCompletionSource allClosed = new();

    /// <summary>Called with the reason of an internal error, which no peer caused.</summary>
    public required Action<string> Failed { get; init; }

    /// <summary>Why the latest connections ended, newest last.</summary>
    public IReadOnlyList<string> RecentDisconnects => [.. recentDisconnects];

    /// <summary>A connection is open or being dialled.</summary>
    public bool IsBusy => open > 0;

    /// <summary>We have all wanted pieces, so connections to other seeds are useless.</summary>
    public bool IsSeeding { get; set; }

    /// <summary>
    /// Updates rates, sends keep-alives, closes useless connections and dials; called once per second.
    /// </summary>
    public void Tick(DateTimeOffset now)
    {
        foreach (var peer in torrent.Peers)
        {
            peer.Down.Tick(now);
            peer.Up.Tick(now);
            // Any queued message serves as a keep-alive. For a peer that does not read, they would pile up.
            if (peer.Connection.Output.Count == 0 && now - peer.Connection.LastSent > EngineLimits.KeepAliveInterval)
            {
                PeerMessageWriter.KeepAlive(peer.Connection.Output);
                peer.Connection.Flush();
            }
            if (ReasonToDrop(peer, now) is { } reason)
            {
                peer.Drop(reason);
            }
        }
        Dial(now);
    }

    /// <summary>Dials the best known addresses, as far as the connection limits permit.</summary>
    private void Dial(DateTimeOffset now)
    {
        while (
            !isClosed
            && dials < EngineLimits.MaxConcurrentDials
            && dials + torrent.Peers.Count < torrent.Shared.Options.MaxPeersPerTorrent
            && torrent.Shared.Connections.Available > 0
            && addresses.Next(now) is { } candidate
        )
        {
            dials++;
            torrent.Shared.Connections.ForceAcquire(1);
            _ = GuardAsync(DialAsync(candidate));
        }
    }

    /// <summary>Accepts an incoming connection whose handshake was read; closes it when a limit is reached.</summary>
    public Task AcceptAsync(IConnection connection, Handshake remoteHandshake)
    {
        if (
            isClosed
            || addresses.IsBanned(connection.Remote)
            || torrent.Peers.Count >= torrent.Shared.Options.MaxPeersPerTorrent
            || !torrent.Shared.Connections.TryAcquire(1)
        )
        {
            return connection.DisposeAsync().AsTask();
        }
        return GuardAsync(AcceptIncomingAsync(connection, remoteHandshake));
    }

    /// <summary>Closes all connections and waits until they are closed.</summary>
    public async Task CloseAsync()
    {
        isClosed = true;
        foreach (var peer in torrent.Peers)
        {
            peer.Drop("the torrent was stopped");
        }
        if (open > 0)
        {
            await allClosed.Task;
        }
    }

    private string? ReasonToDrop(Peer peer, DateTimeOffset now) =>
        IsSeeding && peer.IsSeed ? "both sides have all pieces"
        : now - peer.LastReceived > EngineLimits.InactivityTimeout ? "the peer sent nothing for too long"
        : now - peer.LastUseful > EngineLimits.NoInterestTimeout && !peer.AmInterested && !peer.IsInterested
            ? "neither side is interested in the other's pieces"
        : null;

    /// <summary>
    /// Counts an open connection and reports internal errors, since nothing awaits the connection's task.
    /// </summary>
    private async Task GuardAsync(Task connectionTask)
    {
        open++;
        try
        {
            await connectionTask;
        }
        catch (Exception bug)
        {
            Failed(bug.Message);
        }
        finally
        {
            torrent.Shared.Connections.Release(1);
            open--;
            if (isClosed && open == 0)
            {
                allClosed.TrySetResult();
            }
        }
    }

    private async Task DialAsync(PeerCandidate candidate)
    {
        IConnection? connection = null;
        Handshake remoteHandshake;
        var swarm = SwarmFor(candidate);
        try
        {
            using var timer = new CancellationTokenSource(EngineLimits.HandshakeTimeout, torrent.World.Clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, torrent.Stop);
            connection = await torrent.World.Network.DialAsync(candidate.Address, either.Token);
            await connection.SendAsync(LocalHandshake(swarm), either.Token);
            remoteHandshake = await HandshakeReader.ReadAsync(connection, either.Token);
        }
        catch (Exception failed) when (failed is NetworkException or OperationCanceledException)
        {
            addresses.Failed(candidate, torrent.Now);
            var reason = failed is NetworkException ? failed.Message : "the peer does not respond";
            AddRecentDisconnect($"{candidate.Address}: {reason}");
            if (connection is not null)
            {
                await connection.DisposeAsync();
            }
            return;
        }
        finally
        {
            dials--;
        }
        var isOurselves = remoteHandshake.PeerId == torrent.Shared.PeerId;
        if (isClosed || isOurselves || !torrent.SwarmIds.Contains(remoteHandshake.InfoHash))
        {
            await connection.DisposeAsync();
            if (isOurselves)
            {
                addresses.Remove(candidate);
            }
            else
            {
                addresses.Failed(candidate, torrent.Now);
            }
            return;
        }
        await RunAsync(connection, remoteHandshake, candidate);
    }

    /// <summary>
    /// The info-hash to send. A peer may know only one of the two info-hashes of a hybrid torrent. We start with the
    /// one under which the peer was found, and switch after each failure.
    /// </summary>
    private Hash20 SwarmFor(PeerCandidate candidate)
    {
        var ids = torrent.SwarmIds.ToArray();
        var first = candidate.Swarm is { } known ? Math.Max(0, Array.IndexOf(ids, known)) : 0;
        return ids[(first + candidate.Failures) % ids.Length];
    }

    private async Task AcceptIncomingAsync(IConnection connection, Handshake remoteHandshake)
    {
        // A connection to a hybrid torrent's v1 info-hash is upgraded to v2 when the peer supports it (BEP 52).
        var supportsV2 = remoteHandshake.Features.HasFlag(PeerFeatures.V2);
        var swarm = supportsV2 && torrent.HashV2 is { } v2 ? v2.Truncated : remoteHandshake.InfoHash;
        try
        {
            await connection.SendAsync(LocalHandshake(swarm), torrent.Stop);
        }
        catch (Exception failure) when (failure is NetworkException or OperationCanceledException)
        {
            await connection.DisposeAsync();
            return;
        }
        if (remoteHandshake.PeerId == torrent.Shared.PeerId)
        {
            await connection.DisposeAsync();
            return;
        }
        await RunAsync(connection, remoteHandshake with { InfoHash = swarm }, candidate: null);
    }

    private void AddRecentDisconnect(string reason)
    {
        if (recentDisconnects.Count >= EngineLimits.MaxRecentDisconnects)
        {
            recentDisconnects.Dequeue();
        }
        recentDisconnects.Enqueue(reason);
    }

    private byte[] LocalHandshake(Hash20 swarm)
    {
        var features = PeerFeatures.Fast | PeerFeatures.Extended;
        if (torrent.HashV1 is not null && torrent.HashV2 is not null)
        {
            features |= PeerFeatures.V2;
        }
        var bytes = new byte[PeerLimits.HandshakeBytes];
        new Handshake(swarm, torrent.Shared.PeerId, features).Write(bytes);
        return bytes;
    }

    private async Task RunAsync(IConnection connection, Handshake remoteHandshake, PeerCandidate? candidate)
    {
        var peerConnection = new PeerConnection(connection, torrent.World.Clock, torrent.Stop);
        var peer = new Peer(++lastNumber, peerConnection, remoteHandshake, candidate, torrent.Now)
        {
            IsV2 = torrent.HashV2 is { } v2 && remoteHandshake.InfoHash == v2.Truncated,
        };
        if (FindDuplicate(peer) is { } other)
        {
            // When both sides dialled at the same time, both keep the connection dialled by the greater peer id.
            var isOursKept = torrent.Shared.PeerId > peer.Id;
            var keepNew = other.IsOutgoing != peer.IsOutgoing && peer.IsOutgoing == isOursKept;
            (keepNew ? other : peer).Drop("the peer is connected twice");
        }
        if (peer.DropReason is null)
        {
            torrent.Peers.Add(peer);
            messages.SendFirstMessages(peer);
            var reason = await new PeerReader(peer, messages, torrent.World.Clock).RunAsync();
            peer.Drop(reason);
            if (peer.IsExpelled)
            {
                addresses.Ban(peer.Remote);
            }
            torrent.Peers.Remove(peer);
            messages.PeerDisconnected(peer);
            AddRecentDisconnect($"{peer.Remote}: {peer.DropReason}");
        }
        await peerConnection.CloseAsync();
        if (peer.Candidate is { } used)
        {
            addresses.Ended(used, torrent.Now, useless: peer.Blocks.UnrequestedBlocks > 0 || IsSeeding);
        }
    }

    private Peer? FindDuplicate(Peer peer) =>
        torrent.Peers.FirstOrDefault(other => other.Id == peer.Id && other.DropReason is null);
}
