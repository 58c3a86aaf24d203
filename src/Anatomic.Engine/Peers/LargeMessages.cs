using Anatomic.Engine.Limits;

namespace Anatomic.Engine.Peers;

/// <summary>
/// Shares the session's memory for incomplete long messages among the peers of a torrent. When none is left, the peer
/// that has taken longest for its message is dropped.
/// </summary>
internal sealed class LargeMessages(SharedBudget memory, PeerSet peers)
{
    /// <summary>Takes memory for the peer's message; false when no other peer of the torrent can give any.</summary>
    public bool TryTake(Peer peer, int bytes)
    {
        if (memory.TryAcquire(bytes))
        {
            peer.LargeMessageBytes = bytes;
            return true;
        }
        Peer? slowest = null;
        foreach (var other in peers)
        {
            if (
                other.LargeMessageBytes > 0
                && other.DropReason is null
                && (slowest is null || other.MessageSince < slowest.MessageSince)
            )
            {
                slowest = other;
            }
        }
        if (slowest is null)
        {
            return false;
        }
        slowest.Drop("the peer is slow to send a long message, and others need the memory");
        memory.ForceAcquire(bytes);
        peer.LargeMessageBytes = bytes;
        return true;
    }

    /// <summary>Gives the peer's memory back, if it has any.</summary>
    public void Return(Peer peer)
    {
        memory.Release(peer.LargeMessageBytes);
        peer.LargeMessageBytes = 0;
    }
}
