using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Tracker.Policy;

/// <summary>
/// Limits the requests of each source: a token bucket per IPv4 address and per IPv6 /64. A bucket is stored as the time
/// at which it will be full again ("virtual scheduling", ITU-T I.371). The table has a fixed size, because a full
/// bucket needs no slot: it holds only the sources that are sending now. Callable from any loop.
/// </summary>
/// <param name="perSecond">Sustained requests per second of one source.</param>
/// <param name="seed">Random and secret, so that nobody can choose addresses that share a slot.</param>
internal sealed class SourceRateLimiter(int perSecond, ulong seed)
{
    /// <summary>
    /// The size of a bucket, in seconds: a seedbox that restarts announces thousands of torrents at once.
    /// </summary>
    public const int BurstSeconds = 20;

    /// <summary>
    /// 512 KiB. At 100,000 requests per second only a few thousand sources have a bucket that is not full.
    /// </summary>
    private const int SlotCount = 1 << 16;

    /// <summary>Slots that a source can occupy: adjacent, in one cache line (a 4-way set-associative table).</summary>
    private const int Ways = 4;

    /// <summary>
    /// The low bits of a slot are a time in microseconds, which wraps after 12 days. The high bits identify the source.
    /// </summary>
    private const int TimeBits = 40;
    private const ulong TimeMask = (1UL << TimeBits) - 1;
    private const ulong BurstMicroseconds = BurstSeconds * 1_000_000UL;

    private readonly ulong[] slots = new ulong[SlotCount];
    private readonly ulong costMicroseconds = 1_000_000UL / (ulong)perSecond;

    /// <summary>Charges one request to a source. False: its bucket is empty, and nothing was charged.</summary>
    /// <param name="source">The client's address; the port is ignored.</param>
    /// <param name="microseconds">The current time, since the start.</param>
    public bool TryAcquire(in Endpoint source, long microseconds)
    {
        var hash = SplitMix64.Mix(seed ^ (source.IsV4 ? source.Low : source.High));
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
            // Otherwise evict the source whose bucket is closest to full.
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
        // If another loop won the race, this request is not charged.
        Interlocked.CompareExchange(ref set[chosen], tag | ((now + owed + costMicroseconds) & TimeMask), found);
        return true;
    }

    /// <summary>
    /// Microseconds until the bucket is full. A time further ahead than a bucket allows has wrapped: it is past.
    /// </summary>
    private static ulong Debt(ulong slot, ulong now)
    {
        var ahead = (slot - now) & TimeMask;
        return ahead <= BurstMicroseconds ? ahead : 0;
    }
}
