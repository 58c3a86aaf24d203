using System.Collections;

namespace Anatomic.Engine.Peers;

/// <summary>
/// The connected peers of one torrent that have completed the handshake, ordered by number. A change replaces the list,
/// so code that enumerates the peers may drop one of them.
/// </summary>
internal sealed class PeerSet : IReadOnlyCollection<Peer>
{
    private List<Peer> peers = [];

    public int Count => peers.Count;

    public void Add(Peer peer) => peers = [.. peers, peer];

    public void Remove(Peer peer) => peers = [.. peers.Where(other => other != peer)];

    /// <summary>The peer with the number; null when it is no longer connected.</summary>
    public Peer? Find(int number)
    {
        foreach (var peer in peers)
        {
            if (peer.Number == number)
            {
                return peer;
            }
        }
        return null;
    }

    public List<Peer>.Enumerator GetEnumerator() => peers.GetEnumerator();

    IEnumerator<Peer> IEnumerable<Peer>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
