using Anatomic.Tracker.Swarms;
using Anatomic.Wire;

namespace Anatomic.Tracker.Policy;

/// <summary>
/// How many requests a source may still make: a token bucket for each IPv4 address and each IPv6 /64, kept as the time at which it
/// will be full again (the "virtual scheduling" of ITU-T I.371). A table of a fixed size, callable from any loop: a source whose
/// bucket is full needs no place in it, so only those who are asking right now are in there.
/// </summary>
/// <param name="perSecond">Requests a second that a source may go on making.</param>
/// <param name="seed">Secret of this start, so that nobody can choose addresses that share a place.</param>
internal sealed class SourceRateLimiter(int perSecond, ulong seed)
{
    /// <summary>A bucket holds what so many seconds bring: a seedbox that starts anew announces thousands of torrents at once.</summary>
    public const int BurstSeconds = 20;

    /// <summary>512 KiB; at 100,000 requests a second no more than some thousand sources have a bucket that is not full.</summary>
    private const int SlotCount = 1 << 16;

    /// <summary>Places that a source may have, neighbours in one cache line.</summary>
    private const int Ways = 4;

    /// <summary>The low bits of a place are a time in microseconds, which wraps after 12 days; the others tell sources apart.</summary>
    private const int TimeBits = 40;
    private const ulong TimeMask = (1UL << TimeBits) - 1;
    private const ulong BurstMicroseconds = BurstSeconds * 1_000_000UL;

    private readonly ulong[] slots = new ulong[SlotCount];
    private readonly ulong costMicroseconds = 1_000_000UL / (ulong)perSecond;

    /// <summary>False: the source has spent its budget, and this request is not charged.</summary>
    /// <param name="source">The asker; its port does not count.</param>
    /// <param name="microseconds">Now, since the start.</param>
    public bool TryAcquire(in Endpoint source, long microseconds)
    {
        var hash = Mixing.Mix(seed ^ (source.IsV4 ? source.Low : source.High));
        var set = slots.AsSpan((int)(hash & ((SlotCount / Ways) - 1)) * Ways, Ways);
        var tag = hash & ~TimeMask;
        var now = (ulong)microseconds & TimeMask;
        var chosen = 0;
        var least = ulong.MaxValue;
        for (var way = 0; way < Ways; way++)
        {
            var debt = Debt(set[way], now);
            if ((set[way] & ~TimeMask) == tag && debt > 0)
            {
                (chosen, least) = (way, debt);
                break;
            }
            // Of strangers the one that owes least loses its place.
            if (debt < least)
            {
                (chosen, least) = (way, debt);
            }
        }
        var found = Volatile.Read(ref set[chosen]);
        var owed = (found & ~TimeMask) == tag ? Debt(found, now) : 0;
        if (owed + costMicroseconds > BurstMicroseconds)
        {
            return false;
        }
        // When another loop was faster, this request goes uncharged.
        Interlocked.CompareExchange(ref set[chosen], tag | ((now + owed + costMicroseconds) & TimeMask), found);
        return true;
    }

    /// <summary>Microseconds until the bucket is full; a time that no bucket can have is one of long ago.</summary>
    private static ulong Debt(ulong slot, ulong now)
    {
        var ahead = (slot - now) & TimeMask;
        return ahead <= BurstMicroseconds ? ahead : 0;
    }
}
