using Anatomic.Wire;

namespace Anatomic.Engine.Picking;

/// <summary>A piece of which some blocks are requested or received.</summary>
internal sealed class PartialPiece
{
    private const int Unrequested = 0;
    private const int Received = -1;

    // Per block: Unrequested, Received, or the number of the peer it was first requested from.
    private readonly int[] blocks;

    // Further peers per block, used only in the endgame; most pieces never need it.
    private Dictionary<int, List<int>>? otherPeers;
    private int leadingBlocks;

    public PartialPiece(PieceIndex piece, int blockCount)
    {
        Piece = piece;
        blocks = new int[blockCount];
        Sources = new int[blockCount];
        UnrequestedBlocks = blockCount;
    }

    public PieceIndex Piece { get; }

    public int BlockCount => blocks.Length;

    public int UnrequestedBlocks { get; private set; }

    public int ReceivedBlocks { get; private set; }

    public bool IsComplete => ReceivedBlocks == BlockCount;

    /// <summary>No request is outstanding.</summary>
    public bool IsIdle => UnrequestedBlocks + ReceivedBlocks == BlockCount;

    /// <summary>The peer a block was last requested from; it continues this piece before another peer joins.</summary>
    public int LastPeer { get; private set; }

    /// <summary>
    /// When not 0, only this peer may be asked. After a hash failure with several senders, a piece from one peer shows
    /// who sends bad data.
    /// </summary>
    public int OnlyPeer { get; set; }

    /// <summary>The number of the peer that sent each block.</summary>
    public int[] Sources { get; }

    /// <summary>Blocks received without a gap from the first one.</summary>
    public int LeadingBlocks
    {
        get
        {
            while (leadingBlocks < blocks.Length && blocks[leadingBlocks] == Received)
            {
                leadingBlocks++;
            }
            return leadingBlocks;
        }
    }

    public bool IsReceived(int block) => blocks[block] == Received;

    /// <summary>The next unrequested block at or after <paramref name="from"/>; -1 when there is none.</summary>
    public int NextUnrequested(int from)
    {
        var found = blocks.AsSpan(from).IndexOf(Unrequested);
        return found < 0 ? -1 : found + from;
    }

    /// <summary>Marks an unrequested block as requested from the peer.</summary>
    public void Request(int block, int peer)
    {
        Invariant.Holds(blocks[block] == Unrequested && peer > 0);
        blocks[block] = peer;
        UnrequestedBlocks--;
        LastPeer = peer;
    }

    public bool IsRequestedFrom(int block, int peer) =>
        blocks[block] == peer
        || (otherPeers is not null && otherPeers.TryGetValue(block, out var others) && others.Contains(peer));

    /// <summary>The number of peers the block is currently requested from.</summary>
    public int RequestCount(int block) =>
        blocks[block] <= 0 ? 0
        : otherPeers is not null && otherPeers.TryGetValue(block, out var others) ? 1 + others.Count
        : 1;

    /// <summary>Requests a block that is already requested from one more peer (endgame).</summary>
    public void RequestAgain(int block, int peer)
    {
        Invariant.Holds(blocks[block] > 0 && !IsRequestedFrom(block, peer));
        otherPeers ??= [];
        if (!otherPeers.TryGetValue(block, out var others))
        {
            otherPeers[block] = others = [];
        }
        others.Add(peer);
    }

    /// <summary>
    /// Drops the request of a block from a peer that will not send it; false when it is not requested from the peer.
    /// </summary>
    public bool Release(int block, int peer)
    {
        if (!IsRequestedFrom(block, peer))
        {
            return false;
        }
        if (otherPeers is not null && otherPeers.TryGetValue(block, out var others))
        {
            if (blocks[block] == peer)
            {
                blocks[block] = others[0];
                others.RemoveAt(0);
            }
            else
            {
                others.Remove(peer);
            }
            if (others.Count == 0)
            {
                otherPeers.Remove(block);
            }
        }
        else
        {
            blocks[block] = Unrequested;
            UnrequestedBlocks++;
        }
        return true;
    }

    /// <summary>Whether every peer the block is requested from fulfils the condition.</summary>
    public bool AllRequests(int block, Func<int, bool> condition)
    {
        if (blocks[block] <= 0 || !condition(blocks[block]))
        {
            return false;
        }
        if (otherPeers is not null && otherPeers.TryGetValue(block, out var others))
        {
            foreach (var other in others)
            {
                if (!condition(other))
                {
                    return false;
                }
            }
        }
        return true;
    }

    /// <summary>
    /// Marks the block as received from <paramref name="peer"/>. Adds every other peer it was requested from to
    /// <paramref name="cancel"/>.
    /// </summary>
    public void Receive(int block, int peer, List<int> cancel)
    {
        Invariant.Holds(blocks[block] != Received);
        if (blocks[block] == Unrequested)
        {
            UnrequestedBlocks--;
        }
        else if (blocks[block] != peer)
        {
            cancel.Add(blocks[block]);
        }
        if (otherPeers is not null && otherPeers.Remove(block, out var others))
        {
            others.Remove(peer);
            cancel.AddRange(others);
        }
        blocks[block] = Received;
        Sources[block] = peer;
        ReceivedBlocks++;
    }
}
