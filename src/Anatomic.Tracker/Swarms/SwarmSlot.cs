using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Anatomic.Tracker.Peers;
using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.Wire.Trackers;

namespace Anatomic.Tracker.Swarms;

/// <summary>A swarm's slot: 56 bytes that are enough for a swarm with one IPv4 peer, the most frequent kind by far.</summary>
internal struct SwarmSlot
{
    private readonly ulong hashA;
    private readonly ulong hashB;
    private readonly uint hashC;
    public SwarmState State;

    /// <summary>The low bits of the tick at which somebody last asked: whoever is the first of a tick has a small swarm swept.</summary>
    public byte LastAccessTick;
    private SingleOrTotals single;
    public SwarmPeers? Peers;

    /// <summary>No announce of it is known.</summary>
    public const int Never = int.MinValue;

    /// <summary>In seconds since the start, before which it may have been, too; or <see cref="Never"/>.</summary>
    public int LastAnnounce;
    public int Downloaded;

    /// <summary>Beside the totals: leeches that still download (BEP 21).</summary>
    private int downloaders;

    /// <summary>The next slot of the same bucket, or the next free one, plus one; 0: none.</summary>
    public int Next;

    public SwarmSlot(Hash20 hash)
    {
        (hashA, hashB, hashC) = (hash.A, hash.B, hash.C);
        LastAnnounce = Never;
        State = SwarmState.InUse;
    }

    public readonly Hash20 Hash => new(hashA, hashB, hashC);
    public readonly bool IsInUse => (State & SwarmState.InUse) != SwarmState.None;
    public readonly bool IsPlanted => (State & SwarmState.Planted) != SwarmState.None;
    public readonly SwarmInfo Info => new(Hash, IsPlanted);

    /// <summary>Counts only where the state says that there is one.</summary>
    [UnscopedRef]
    public ref PeerV4 Single => ref single.Single;

    /// <summary>
    /// What a scrape says, as it was noted after the last operation: counting would take three more lines of memory. Only where there
    /// is an object of <see cref="Peers"/>.
    /// </summary>
    public readonly ScrapeCounts Counts
    {
        // Copies of what has just been put together from parts are what a scrape would take longest for.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(single.Totals.Seeds, Downloaded, single.Totals.Leechers) { Downloaders = downloaders };
    }

    public void CacheTotals(SwarmTotals totals, int paused)
    {
        single.Totals = totals;
        downloaders = Math.Max(0, totals.Leechers - paused);
    }

    public readonly bool Matches(in Hash20 hash) => hashA == hash.A && hashB == hash.B && hashC == hash.C;
}
