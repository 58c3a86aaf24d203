using System.Runtime.InteropServices;

namespace Anatomic.Tracker.Swarms;

/// <summary>Copies peers into a reply, from a ring: its end is followed by its beginning.</summary>
internal static class CompactPeerCopier
{
    /// <summary><see cref="IPeerEntry{TSelf}.Copy"/>, one after the other.</summary>
    public static int Each<T>(
        ReadOnlySpan<T> ring,
        int from,
        int looks,
        Span<byte> into,
        int wanted,
        in T requester,
        in TrackerTime now
    )
        where T : unmanaged, IPeerEntry<T>
    {
        var copied = 0;
        for (; looks > 0 && copied < wanted; looks--)
        {
            ref readonly var peer = ref ring[from];
            if (!PeerAge.IsOver(peer.State, now) && !peer.IsSame(requester))
            {
                peer.WriteCompact(into[(copied++ * T.CompactBytes)..]);
            }
            from = from + 1 == ring.Length ? 0 : from + 1;
        }
        return copied;
    }

    /// <summary>The same, as many in a step as the processor's registers hold.</summary>
    public static int Many<TKernel>(
        ReadOnlySpan<PeerV4> ring,
        int from,
        int looks,
        Span<byte> into,
        int wanted,
        in PeerV4 requester,
        in TrackerTime now
    )
        where TKernel : struct, ICopyKernel
    {
        var copied = 0;
        if (ring.Length >= TKernel.Entries)
        {
            var all = MemoryMarshal.Cast<PeerV4, ulong>(ring);
            while (looks > 0 && copied < wanted && into.Length - (copied * 6) >= TKernel.Room)
            {
                // At the end of the ring a step begins earlier; those that had their turn before have none now.
                var begin = Math.Min(from, all.Length - TKernel.Entries);
                var turns = Math.Min(TKernel.Entries, Math.Min(looks, all.Length - from));
                var turn = new LaneRange(from - begin, turns);
                copied += TKernel.Copy(
                    all.Slice(begin, TKernel.Entries),
                    turn,
                    requester.Compact,
                    now,
                    into[(copied * 6)..]
                );
                looks -= turns;
                from += turns;
                from = from == all.Length ? 0 : from;
            }
            copied = Math.Min(copied, wanted);
        }
        return copied + Each(ring, from, looks, into[(copied * 6)..], wanted - copied, requester, now);
    }
}
