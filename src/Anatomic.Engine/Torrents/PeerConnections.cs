using Anatomic.Engine.Connections;
using Anatomic.Engine.Limits;
using Anatomic.Engine.Peers;
using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.Wire.Peers;
using Anatomic.World;

namespace Anatomic.Engine.Torrents;

/// <summary>
/// The peer connections of one torrent: dials peers, takes over accepted connections, decides which one a new one
/// replaces, and closes useless ones. A failure in one peer's messages ends that peer only.
/// </summary>
internal sealed class PeerConnections(TorrentContext torrent, PeerMessageHandler messages, PeerList addresses)
    : IAcceptingTorrent
{
    private readonly LargeMessages largeMessages = new(torrent.Shared.LargeMessages, torrent.Peers);
    private readonly Queue<string> recentDisconnects = new();
    private readonly TaskCompletionSource allClosed = new();
    private int lastNumber;
    private int dials;
    private int open;
    private bool isClosed;

    /// <summary>Whether incoming connections are accepted in the torrent's present state.</summary>
    public required Func<bool> IsAccepting { get; init; }

    /// <summary>The torrent's rate limits, below those of the session or of a class.</summary>
    public LimitNode Limits { get; } = new(torrent.Shared.Limits.Session, torrent.World.Clock);

    /// <summary>The connected peers, to show them.</summary>
    public IReadOnlyList<PeerStatus> PeerStatuses => [.. torrent.Peers.Select(PeerStatus.Of)];

    /// <summary>Why the latest connections ended, newest last.</summary>
    public IReadOnlyList<string> RecentDisconnects => [.. recentDisconnects];

    /// <summary>A connection is open or being dialled.</summary>
    public bool IsBusy => open > 0;

    /// <summary>We have all wanted pieces, so connections to other seeds are useless.</summary>
    public bool IsSeeding { get; set; }

    public ILoop Loop => torrent.Loop;

    private SharedResources Shared => torrent.Shared;

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
        if (Shared.Connections.Available == 0 && PeerTurnover.FindUseless(Places(now), IsSeeding) is { } useless)
        {
            // Another torrent may need the place: the session is full.
            torrent.Peers.Find(useless)?.Drop("the session is full, and the peer is of no use");
        }
        Dial(now);
    }

    /// <summary>Bans an address that sent wrong data, and drops the peers there.</summary>
    public void Ban(Endpoint address, string reason)
    {
        Shared.Bans.Ban(address, reason, torrent.Now, EngineLimits.BadPeerBan);
        var host = AddressPrefix.HostOf(address);
        foreach (var peer in torrent.Peers)
        {
            if (host.Contains(peer.Remote))
            {
                peer.Drop(reason);
            }
        }
    }

    public Handshake? Answer(Endpoint remote, Handshake head)
    {
        if (isClosed || !IsAccepting() || !HasRoomFor(remote))
        {
            return null;
        }
        // A connection to a hybrid torrent's v1 info-hash is upgraded to v2 when the peer supports it (BEP 52).
        var supportsV2 = head.Features.HasFlag(PeerFeatures.V2);
        return LocalHandshake(supportsV2 && torrent.HashV2 is { } v2 ? v2.Truncated : head.InfoHash);
    }

    public void Accept(EstablishedConnection established)
    {
        var remote = established.Connection.Remote;
        if (isClosed || !IsAccepting() || established.Remote.PeerId == Shared.PeerId || !TryTakePlace(remote))
        {
            _ = established.Connection.DisposeAsync().AsTask();
            return;
        }
        _ = GuardAsync(remote, RunAsync(established, candidate: null));
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
        : peer.MessageSince is { } since && now - since > EngineLimits.MessageTimeout
            ? "the peer takes too long to send one message"
        : now - peer.LastUseful > EngineLimits.NoInterestTimeout && !peer.AmInterested && !peer.IsInterested
            ? "neither side is interested in the other's pieces"
        : null;

    /// <summary>Dials the best known addresses, as far as the connection limits permit.</summary>
    private void Dial(DateTimeOffset now)
    {
        while (!isClosed && dials < EngineLimits.MaxConcurrentDials && Shared.Dials.Available > 0)
        {
            if (addresses.Next(now) is not { } candidate)
            {
                return;
            }
            // The dial itself counts, so that the last place is not dialled for many times.
            var place = RoomFor(candidate.Address, dials);
            if (place == SlotResult.Granted)
            {
                place = Shared.Connections.TryAcquire(candidate.Address);
            }
            if (place == SlotResult.Granted && Shared.Dials.TryAcquire(1))
            {
                dials++;
                _ = GuardAsync(candidate.Address, DialAsync(candidate));
                continue;
            }
            if (place == SlotResult.Granted)
            {
                Shared.Connections.Release(candidate.Address);
            }
            addresses.Postpone(candidate, now);
            if (place is SlotResult.Granted or SlotResult.Full)
            {
                return;
            }
        }
    }

    /// <summary>
    /// Whether a connection with the address has a place, or one that it may replace. Private addresses have no limit
    /// of their own: the user allowed them.
    /// </summary>
    private SlotResult RoomFor(in Endpoint remote, int reserved = 0)
    {
        var host = AddressPrefix.HostOf(remote);
        var network = AddressPrefix.NetworkOf(remote);
        var (count, ofHost, ofNetwork) = (reserved, 0, 0);
        foreach (var peer in torrent.Peers)
        {
            if (peer.DropReason is null)
            {
                count++;
                ofHost += host.Contains(peer.Remote) ? 1 : 0;
                ofNetwork += network.Contains(peer.Remote) ? 1 : 0;
            }
        }
        var options = Shared.Options;
        if (AddressRules.IsPublic(remote) && ofHost >= options.MaxPeersPerHost)
        {
            return SlotResult.HostFull;
        }
        if (AddressRules.IsPublic(remote) && ofNetwork >= options.MaxPeersPerNetwork)
        {
            return SlotResult.NetworkFull;
        }
        return
            count < options.MaxPeersPerTorrent
            || PeerTurnover.FindReplaceable(Places(torrent.Now), remote, IsSeeding) is not null
            ? SlotResult.Granted
            : SlotResult.Full;
    }

    private bool HasRoomFor(in Endpoint remote) => RoomFor(remote) == SlotResult.Granted;

    /// <summary>Takes a place for an accepted connection, that of a less useful peer if need be.</summary>
    private bool TryTakePlace(in Endpoint remote)
    {
        if (!HasRoomFor(remote))
        {
            return false;
        }
        switch (Shared.Connections.TryAcquire(remote))
        {
            case SlotResult.Granted:
                MakeRoomFor(remote);
                return true;
            // The replaced peer gives its place back as soon as its connection is closed.
            case SlotResult.Full when Shared.Connections.TryAcquireReplaced(remote) == SlotResult.Granted:
                if (TryReplace(remote))
                {
                    return true;
                }
                Shared.Connections.Release(remote);
                return false;
            default:
                return false;
        }
    }

    /// <summary>Drops the peer that a new connection replaces when the torrent is full.</summary>
    private void MakeRoomFor(in Endpoint remote)
    {
        if (torrent.Peers.Count(peer => peer.DropReason is null) >= Shared.Options.MaxPeersPerTorrent)
        {
            TryReplace(remote);
        }
    }

    private bool TryReplace(in Endpoint remote)
    {
        if (PeerTurnover.FindReplaceable(Places(torrent.Now), remote, IsSeeding) is not { } number)
        {
            return false;
        }
        torrent.Peers.Find(number)?.Drop("the torrent has too many connections, and this one was the least useful");
        return true;
    }

    private List<PeerPlace> Places(DateTimeOffset now)
    {
        var places = new List<PeerPlace>(torrent.Peers.Count);
        foreach (var peer in torrent.Peers)
        {
            if (peer.DropReason is null)
            {
                places.Add(
                    new PeerPlace(
                        peer.Number,
                        peer.Remote,
                        peer.AmInterested,
                        peer.IsInterested,
                        now - peer.LastUseful,
                        peer.Candidate is { Source: PeerSource.User }
                    )
                );
            }
        }
        return places;
    }

    /// <summary>Counts an open connection and reports internal errors, since nothing awaits the task.</summary>
    private async Task GuardAsync(Endpoint remote, Task connectionTask)
    {
        open++;
        try
        {
            await connectionTask;
        }
        catch (Exception bug)
        {
            ReportBug(remote, bug);
        }
        finally
        {
            Shared.Connections.Release(remote);
            open--;
            if (isClosed && open == 0)
            {
                allClosed.TrySetResult();
            }
        }
    }

    private void ReportBug(Endpoint remote, Exception bug)
    {
        torrent.World.EventLog.WriteException(bug);
        AddRecentDisconnect($"{remote}: internal error: {bug.Message}");
    }

    private async Task DialAsync(PeerCandidate candidate)
    {
        EstablishedConnection established;
        try
        {
            using var timer = new CancellationTokenSource(EngineLimits.HandshakeTimeout, torrent.World.Clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, torrent.Stop);
            var local = LocalHandshake(SwarmFor(candidate));
            established = await Shared.Connector.ConnectAsync(candidate.Address, local, either.Token);
        }
        catch (Exception failed) when (failed is NetworkException or OperationCanceledException)
        {
            addresses.Failed(candidate, torrent.Now);
            var reason = failed is NetworkException ? failed.Message : "the peer does not respond";
            AddRecentDisconnect($"{candidate.Address}: {reason}");
            return;
        }
        finally
        {
            dials--;
            Shared.Dials.Release(1);
        }
        var isOurselves = established.Remote.PeerId == Shared.PeerId;
        if (isClosed || isOurselves || !torrent.SwarmIds.Contains(established.Remote.InfoHash))
        {
            await established.Connection.DisposeAsync();
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
        MakeRoomFor(candidate.Address);
        await RunAsync(established, candidate);
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

    private void AddRecentDisconnect(string reason)
    {
        if (recentDisconnects.Count >= EngineLimits.MaxRecentDisconnects)
        {
            recentDisconnects.Dequeue();
        }
        recentDisconnects.Enqueue(reason);
    }

    private Handshake LocalHandshake(Hash20 swarm)
    {
        var features = PeerFeatures.Fast | PeerFeatures.Extended;
        if (torrent.HashV1 is not null && torrent.HashV2 is not null)
        {
            features |= PeerFeatures.V2;
        }
        return new Handshake(swarm, Shared.PeerId, features);
    }

    private async Task RunAsync(EstablishedConnection established, PeerCandidate? candidate)
    {
        var (connection, remote) = established;
        var peerConnection = new PeerConnection(connection, Limits, () => torrent.Now, torrent.Stop);
        var peer = new Peer(++lastNumber, peerConnection, remote, candidate, torrent.Now)
        {
            IsV2 = torrent.HashV2 is { } v2 && remote.InfoHash == v2.Truncated,
        };
        if (FindDuplicate(peer) is { } other)
        {
            // When both sides dialled at the same time, both keep the connection dialled by the greater peer id.
            var isOursKept = Shared.PeerId > peer.Id;
            var keepNew = other.IsOutgoing != peer.IsOutgoing && peer.IsOutgoing == isOursKept;
            (keepNew ? other : peer).Drop("the peer is connected twice");
        }
        addresses.SetOwnAddress(connection.Local.WithPort(Shared.Port));
        try
        {
            if (peer.DropReason is null)
            {
                await ExchangeMessagesAsync(peer);
            }
        }
        finally
        {
            await peerConnection.CloseAsync();
            if (peer.Candidate is { } used)
            {
                addresses.Ended(used, torrent.Now, PauseAfter(peer));
            }
        }
    }

    /// <summary>How long the address of an ended connection is not dialled again.</summary>
    private TimeSpan PauseAfter(Peer peer) =>
        peer.IsExpelled ? EngineLimits.ExpensivePeerBan
        : peer.Blocks.UnrequestedBlocks > 0
        || IsSeeding
        || torrent.Now - peer.ConnectedAt < EngineLimits.ShortConnection
            ? EngineLimits.NoInterestTimeout
        : EngineLimits.DialBackOff;

    /// <summary>Handles the peer's messages until the connection ends. An internal error ends this peer only.</summary>
    private async Task ExchangeMessagesAsync(Peer peer)
    {
        torrent.Peers.Add(peer);
        try
        {
            messages.SendFirstMessages(peer);
            var reader = new PeerReader(peer, messages, () => torrent.Now, largeMessages);
            peer.Drop(await reader.RunAsync());
            if (peer.IsExpelled)
            {
                Shared.Expelled.Ban(peer.Remote, peer.DropReason!, torrent.Now, EngineLimits.ExpensivePeerBan);
            }
            if (peer.Connection.Bug is { } bug)
            {
                ReportBug(peer.Remote, bug);
            }
            else
            {
                AddRecentDisconnect($"{peer.Remote}: {peer.DropReason}");
            }
        }
        catch (Exception bug)
        {
            peer.Drop("internal error");
            ReportBug(peer.Remote, bug);
        }
        finally
        {
            torrent.Peers.Remove(peer);
            messages.PeerDisconnected(peer);
        }
    }

    private Peer? FindDuplicate(Peer peer) =>
        // Another host that names the same id may be lying.
        torrent.Peers.FirstOrDefault(other =>
            other.Id == peer.Id && other.DropReason is null && AddressPrefix.HostOf(other.Remote).Contains(peer.Remote)
        );
}
