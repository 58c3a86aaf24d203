using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Anatomic.Tracker.Peers;
using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.Wire.Trackers;

namespace Anatomic.Tracker.Swarms;

/// <summary>
/// A swarm's slot. Its 56 bytes are all that a swarm with one IPv4 peer needs, by far the most frequent kind.
/// </summary>
internal struct SwarmSlot
{
    private readonly ulong hashA;
    private readonly ulong hashB;
    private readonly uint hashC;
    public SwarmState State;

    /// <summary>The low bits of the tick of the last access. The first access in a tick sweeps a small swarm.</summary>
    public byte LastAccessTick;
    private SingleOrTotals single;
    public SwarmPeers? Peers;

    /// <summary>The swarm has no known announce.</summary>
    public const int Never = int.MinValue;

    /// <summary>In seconds since the start, negative if before it; or <see cref="Never"/>.</summary>
    public int LastAnnounce;
    public int Downloaded;

    /// <summary>The leechers that still download (BEP 21).</summary>
    private int downloaders;

    /// <summary>The next slot of the same bucket, or the next free slot, plus one; 0 at the end.</summary>
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

    /// <summary>Valid only if the state says so.</summary>
    [UnscopedRef]
    public ref PeerV4 Single => ref single.Single;

    /// <summary>
    /// What a scrape returns, stored after the last operation: counting would need three more cache lines. Valid only
    /// if <see cref="Peers"/> is not null.
    /// </summary>
    public readonly ScrapeCounts Counts
    {
        // Inlined, because copying a struct right after its parts were written would dominate the time of a scrape.
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
