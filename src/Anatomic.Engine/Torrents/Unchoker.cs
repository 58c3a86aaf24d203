using System.Runtime.InteropServices;
using Anatomic.Engine.Choking;
using Anatomic.Engine.Peers;
using Anatomic.Wire.Peers;

namespace Anatomic.Engine.Torrents;

/// <summary>Chokes and unchokes the peers of a torrent as <see cref="Choker"/> decides.</summary>
internal sealed class Unchoker(TorrentContext torrent)
{
    private readonly Choker choker = new(torrent.World.Entropy.Fork("choking"));
    private readonly List<ChokeCandidate> candidates = [];
    private readonly List<int> unchoked = [];

    /// <summary>We have all wanted pieces; the choker then prefers the peers that download fastest.</summary>
    public bool IsSeeding { get; set; }

    /// <summary>The number of peers to unchoke at present.</summary>
    public int Slots =>
        UploadSlots.For(
            torrent.Shared.Options.UploadSlots,
            torrent.Shared.Options.MaxUploadBytesPerSecond,
            torrent.Up.Rate
        );

    /// <summary>
    /// Gives a slot to a peer that became interested, and the slot of one that lost interest to another.
    /// </summary>
    public void InterestChanged(Peer peer)
    {
        if (peer.IsInterested == peer.AmChoking)
        {
            FillFreeSlots();
        }
    }

    /// <summary>Gives the slot of a peer that left to another.</summary>
    public void PeerDisconnected(Peer peer)
    {
        if (!peer.AmChoking)
        {
            FillFreeSlots();
        }
    }

    /// <summary>Decides when it is due; called once per second.</summary>
    public void Tick(DateTimeOffset now)
    {
        if (!choker.IsDue(now) || torrent.Peers.Count == 0)
        {
            return;
        }
        FindCandidates(now);
        choker.Decide(now, CollectionsMarshal.AsSpan(candidates), Slots, IsSeeding, unchoked);
        foreach (var peer in torrent.Peers)
        {
            if (unchoked.Contains(peer.Number))
            {
                Unchoke(peer);
            }
            else
            {
                Choke(peer);
            }
        }
    }

    private void FillFreeSlots()
    {
        var now = torrent.Now;
        while (true)
        {
            FindCandidates(now);
            var number = choker.ChooseForFreeSlot(CollectionsMarshal.AsSpan(candidates), Slots, IsSeeding);
            if (number == 0)
            {
                return;
            }
            Unchoke(torrent.Peers.Find(number)!);
        }
    }

    private void FindCandidates(DateTimeOffset now)
    {
        candidates.Clear();
        foreach (var peer in torrent.Peers)
        {
            candidates.Add(
                new ChokeCandidate(
                    peer.Number,
                    peer.Remote,
                    peer.IsInterested,
                    !peer.AmChoking,
                    peer.Blocks.IsSnubbed,
                    peer.Down.Rate,
                    peer.Up.Rate,
                    now - peer.UnchokedAt,
                    now - peer.ConnectedAt
                )
            );
        }
    }

    private void Unchoke(Peer peer)
    {
        if (peer.AmChoking)
        {
            peer.AmChoking = false;
            peer.UnchokedAt = torrent.Now;
            PeerMessageWriter.Plain(peer.Connection.Output, PeerMessageId.Unchoke);
            peer.Connection.Flush();
        }
    }

    private static void Choke(Peer peer)
    {
        if (peer.AmChoking)
        {
            return;
        }
        peer.AmChoking = true;
        PeerMessageWriter.Plain(peer.Connection.Output, PeerMessageId.Choke);
        while (peer.IncomingRequests.TryDequeue(out var block))
        {
            peer.Reject(block);
        }
        peer.Connection.Flush();
    }
}
