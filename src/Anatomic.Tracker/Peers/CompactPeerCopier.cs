using System.Runtime.InteropServices;

namespace Anatomic.Tracker.Peers;

/// <summary>Copies peers from a ring (the end is followed by the beginning) into a reply.</summary>
internal static class CompactPeerCopier
{
    /// <summary>Implements <see cref="IPeerEntry{TSelf}.Copy"/> one entry at a time.</summary>
    public static int CopyScalar<T>(
        ReadOnlySpan<T> ring,
        int from,
        int scanCount,
        Span<byte> into,
        int wanted,
        in T requester,
        in TrackerTime now
    )
        where T : unmanaged, IPeerEntry<T>
    {
        var copied = 0;
        for (; scanCount > 0 && copied < wanted; scanCount--)
        {
            ref readonly var peer = ref ring[from];
            if (!PeerAge.IsExpired(peer.State, now) && !peer.IsSame(requester))
            {
                peer.WriteCompact(into[(copied++ * T.CompactBytes)..]);
            }
            from = from + 1 == ring.Length ? 0 : from + 1;
        }
        return copied;
    }

    /// <summary>The same with a vector kernel, several entries at a time.</summary>
    public static int CopyVectorized<TKernel>(
        ReadOnlySpan<PeerV4> ring,
        int from,
        int scanCount,
        Span<byte> into,
        int wanted,
        in PeerV4 requester,
        in TrackerTime now
    )
        where TKernel : struct, ICopyKernel
    {
        var copied = 0;
        if (ring.Length >= TKernel.Width)
        {
            var all = MemoryMarshal.Cast<PeerV4, ulong>(ring);
            while (scanCount > 0 && copied < wanted && into.Length - (copied * 6) >= TKernel.StoreBytes)
            {
                // At the end of the ring, the vector starts earlier. Its lanes exclude the entries already seen.
                var begin = Math.Min(from, all.Length - TKernel.Width);
                var laneCount = Math.Min(TKernel.Width, Math.Min(scanCount, all.Length - from));
                var lanes = new LaneRange(from - begin, laneCount);
                copied += TKernel.Copy(
                    all.Slice(begin, TKernel.Width),
                    lanes,
                    requester.Compact,
                    now,
                    into[(copied * 6)..]
                );
                scanCount -= laneCount;
                from += laneCount;
                from = from == all.Length ? 0 : from;
            }
            copied = Math.Min(copied, wanted);
        }
        return copied + CopyScalar(ring, from, scanCount, into[(copied * 6)..], wanted - copied, requester, now);
    }
}
