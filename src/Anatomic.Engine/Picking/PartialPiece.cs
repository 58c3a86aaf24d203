using Anatomic.Wire;

namespace Anatomic.Engine.Picking;

/// <summary>A piece of which blocks are asked for or here.</summary>
internal sealed class PartialPiece
{
    private const int Free = 0;
    private const int Here = -1;

    // Free, Here, or the number of the peer that was asked first.
    private readonly int[] asked;

    // Who else was asked in the endgame; most pieces never need it.
    private Dictionary<int, List<int>>? others;

    public PartialPiece(int piece, int blocks)
    {
        Piece = piece;
        asked = new int[blocks];
        Sources = new int[blocks];
        FreeBlocks = blocks;
    }

    public int Piece { get; }

    public int Blocks => asked.Length;

    public int FreeBlocks { get; private set; }

    public int HereBlocks { get; private set; }

    public bool IsWhole => HereBlocks == Blocks;

    /// <summary>The peer that was asked last; it goes on with this piece before another joins in.</summary>
    public int LastPeer { get; private set; }

    /// <summary>When not 0, only this peer may be asked: its piece must prove its honesty after a failure.</summary>
    public int OnlyPeer { get; set; }

    /// <summary>The number of the peer that sent each block.</summary>
    public int[] Sources { get; }

    public bool IsHere(int block) => asked[block] == Here;

    /// <summary>The next block that nobody was asked for, from <paramref name="from"/> on; -1 when there is none.</summary>
    public int NextFree(int from)
    {
        var found = asked.AsSpan(from).IndexOf(Free);
        return found < 0 ? -1 : found + from;
    }

    public void Ask(int block, int peer)
    {
        Invariant.Holds(asked[block] == Free && peer > 0);
        asked[block] = peer;
        FreeBlocks--;
        LastPeer = peer;
    }

    public bool IsAsked(int block, int peer) =>
        asked[block] == peer || (others is not null && others.TryGetValue(block, out var more) && more.Contains(peer));

    public int Askers(int block) =>
        asked[block] <= 0 ? 0
        : others is not null && others.TryGetValue(block, out var more) ? 1 + more.Count
        : 1;

    /// <summary>One more peer is asked for a block that is on its way.</summary>
    public void AskAgain(int block, int peer)
    {
        Invariant.Holds(asked[block] > 0 && !IsAsked(block, peer));
        others ??= [];
        if (!others.TryGetValue(block, out var more))
        {
            others[block] = more = [];
        }
        more.Add(peer);
    }

    /// <summary>A peer will not send the block after all.</summary>
    public void Release(int block, int peer)
    {
        if (others is not null && others.TryGetValue(block, out var more))
        {
            if (asked[block] == peer)
            {
                asked[block] = more[0];
                more.RemoveAt(0);
            }
            else
            {
                more.Remove(peer);
            }
            if (more.Count == 0)
            {
                others.Remove(block);
            }
        }
        else if (asked[block] == peer)
        {
            asked[block] = Free;
            FreeBlocks++;
        }
    }

    /// <summary>The block is here; adds those who were asked besides <paramref name="peer"/> to <paramref name="cancel"/>.</summary>
    public void Take(int block, int peer, List<int> cancel)
    {
        Invariant.Holds(asked[block] != Here);
        if (asked[block] == Free)
        {
            FreeBlocks--;
        }
        else if (asked[block] != peer)
        {
            cancel.Add(asked[block]);
        }
        if (others is not null && others.Remove(block, out var more))
        {
            more.Remove(peer);
            cancel.AddRange(more);
        }
        asked[block] = Here;
        Sources[block] = peer;
        HereBlocks++;
    }
}
