using Anatomic.Engine.Peers;
using Anatomic.Wire;
using Anatomic.Wire.Peers;
using Anatomic.World;

namespace Anatomic.Engine.Torrents;

/// <summary>The connections of one torrent: dials, takes incoming ones, shakes hands, and ends those that are of no use.</summary>
internal sealed class Swarm(TorrentContext torrent, PeerMessageHandler dialog, PeerList addresses)
{
    private int lastNumber;
    private int dials;
    private bool isClosed;
    private readonly Queue<string> partings = new();
    private int running;
    private readonly TaskCompletionSource emptied = new();

    /// <summary>Called with a bug or a failure that no peer is to blame for.</summary>
    public required Action<string> Failed { get; init; }

    /// <summary>Why the latest connections ended, newest last.</summary>
    public IReadOnlyList<string> RecentDisconnects => [.. partings];

    public PeerList Addresses => addresses;

    /// <summary>Nothing is wanted any more: nobody need be dialled, and seeds are of no use.</summary>
    public bool IsSeeding { get; set; }

    /// <summary>Once a second.</summary>
    public void Tick(DateTimeOffset now)
    {
        foreach (var peer in torrent.Peers)
        {
            peer.Down.Tick(now);
            peer.Up.Tick(now);
            peer.Window.Tick(peer.Down.Rate);
            // What waits already will serve as well; to a peer that does not read, one a second would pile up.
            if (peer.Wire.Out.Count == 0 && now - peer.Wire.LastSent > EngineLimits.KeepAliveInterval)
            {
                PeerMessageWriter.KeepAlive(peer.Wire.Out);
                peer.Wire.Flush();
            }
            if (UselessBecause(peer, now) is { } reason)
            {
                peer.Drop(reason);
            }
        }
        Dial(now);
    }

    /// <summary>Dials as many as there is room for.</summary>
    public void Dial(DateTimeOffset now)
    {
        while (
            !isClosed
            && dials < EngineLimits.MaxConcurrentDials
            && dials + torrent.Peers.Count < torrent.Share.Options.MaxPeersPerTorrent
            && torrent.Share.Connections.Left > 0
            && addresses.Next(now) is { } candidate
        )
        {
            dials++;
            torrent.Share.Connections.Take(1);
            _ = GuardAsync(DialAsync(candidate));
        }
    }

    /// <summary>A connection that came in and has sent its handshake; it is closed when the torrent has no place for it.</summary>
    public Task AcceptAsync(IConnection connection, Handshake theirs)
    {
        if (
            isClosed
            || addresses.IsBanned(connection.Remote)
            || torrent.Peers.Count >= torrent.Share.Options.MaxPeersPerTorrent
            || !torrent.Share.Connections.TryTake(1)
        )
        {
            return connection.DisposeAsync().AsTask();
        }
        return GuardAsync(TakeIncomingAsync(connection, theirs));
    }

    /// <summary>Ends every connection and waits for the end of their flows.</summary>
    public async Task CloseAsync()
    {
        isClosed = true;
        foreach (var peer in torrent.Peers.ToArray())
        {
            peer.Drop("the torrent is stopped");
        }
        if (running > 0)
        {
            await emptied.Task;
        }
    }

    private string? UselessBecause(Peer peer, DateTimeOffset now) =>
        IsSeeding && peer.IsSeed ? "both sides have everything"
        : now - peer.LastHeard > EngineLimits.InactivityTimeout ? "the peer has been silent for too long"
        : now - peer.LastUseful > EngineLimits.NoInterestTimeout && !peer.AmInterested && !peer.IsInterested
            ? "neither side wants anything"
        : null;

    /// <summary>An own bug must not vanish in a flow that nobody awaits.</summary>
    private async Task GuardAsync(Task flow)
    {
        running++;
        try
        {
            await flow;
        }
        catch (Exception bug)
        {
            Failed(bug.Message);
        }
        finally
        {
            torrent.Share.Connections.Give(1);
            running--;
            if (isClosed && running == 0)
            {
                emptied.TrySetResult();
            }
        }
    }

    private async Task DialAsync(PeerCandidate candidate)
    {
        IConnection? connection = null;
        Handshake theirs;
        var swarm = IdFor(candidate);
        try
        {
            using var timer = new CancellationTokenSource(EngineLimits.HandshakeTimeout, torrent.World.Clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, torrent.Stop);
            connection = await torrent.World.Network.DialAsync(candidate.At, either.Token);
            await connection.SendAsync(OwnHandshake(swarm), either.Token);
            theirs = await HandshakeReader.ReadAsync(connection, either.Token);
        }
        catch (Exception failed) when (failed is NetworkException or OperationCanceledException)
        {
            addresses.Failed(candidate, torrent.Now);
            Note($"{candidate.At}: {(failed is NetworkException ? failed.Message : "it does not answer")}");
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
        if (isClosed || !torrent.Swarms.Contains(theirs.InfoHash) || theirs.PeerId == torrent.Share.PeerId)
        {
            await connection.DisposeAsync();
            if (theirs.PeerId == torrent.Share.PeerId)
            {
                addresses.Forget(candidate);
            }
            else
            {
                addresses.Failed(candidate, torrent.Now);
            }
            return;
        }
        await RunAsync(connection, theirs, candidate);
    }

    /// <summary>A hybrid's peers may know only one of its ids: the one by which they were found, and after a failure the other.</summary>
    private Hash20 IdFor(PeerCandidate candidate)
    {
        var ids = torrent.Swarms.ToArray();
        var first = candidate.Swarm is { } known ? Math.Max(0, Array.IndexOf(ids, known)) : 0;
        return ids[(first + candidate.Failures) % ids.Length];
    }

    private async Task TakeIncomingAsync(IConnection connection, Handshake theirs)
    {
        // A hybrid that was met by its v1 id goes on as v2 when the other side can (BEP 52).
        var swarm =
            theirs.Features.HasFlag(PeerFeatures.V2) && torrent.HashV2 is { } v2 ? v2.Truncated : theirs.InfoHash;
        try
        {
            await connection.SendAsync(OwnHandshake(swarm), torrent.Stop);
        }
        catch (Exception gone) when (gone is NetworkException or OperationCanceledException)
        {
            await connection.DisposeAsync();
            return;
        }
        if (theirs.PeerId == torrent.Share.PeerId)
        {
            await connection.DisposeAsync();
            return;
        }
        await RunAsync(connection, theirs with { InfoHash = swarm }, candidate: null);
    }

    private void Note(string parting)
    {
        if (partings.Count >= EngineLimits.MaxRecentDisconnects)
        {
            partings.Dequeue();
        }
        partings.Enqueue(parting);
    }

    private byte[] OwnHandshake(Hash20 swarm)
    {
        var features = PeerFeatures.Fast | PeerFeatures.Extended;
        if (torrent.HashV1 is not null && torrent.HashV2 is not null)
        {
            features |= PeerFeatures.V2;
        }
        var bytes = new byte[PeerLimits.HandshakeBytes];
        new Handshake(swarm, torrent.Share.PeerId, features).Write(bytes);
        return bytes;
    }

    private async Task RunAsync(IConnection connection, Handshake theirs, PeerCandidate? candidate)
    {
        var wire = new PeerConnection(connection, torrent.World.Clock, torrent.Stop);
        var peer = new Peer(++lastNumber, wire, theirs, candidate, torrent.Now)
        {
            IsV2 = torrent.HashV2 is { } v2 && theirs.InfoHash == v2.Truncated,
        };
        if (DoubleOf(peer) is { } other)
        {
            // Both sides dialled at once: both keep the connection that the greater peer id made.
            var keepNew =
                other.IsOutgoing != peer.IsOutgoing && peer.IsOutgoing == (torrent.Share.PeerId > theirs.PeerId);
            (keepNew ? other : peer).Drop("the same peer is connected twice");
        }
        if (peer.Dropped is null)
        {
            torrent.Join(peer);
            dialog.Welcome(peer);
            var reason = await PeerReader.RunAsync(peer, dialog, torrent.World.Clock);
            peer.Drop(reason);
            torrent.Leave(peer);
            dialog.PeerGone(peer);
            Note($"{peer.Remote}: {peer.Dropped}");
        }
        await wire.CloseAsync();
        if (peer.Candidate is { } used)
        {
            addresses.Ended(used, torrent.Now, useless: peer.Unasked > 0 || IsSeeding);
        }
    }

    private Peer? DoubleOf(Peer peer) => torrent.Peers.Find(other => other.Id == peer.Id && other.Dropped is null);
}
