using System.Runtime.CompilerServices;
using Anatomic.Tracker.Policy;

namespace Anatomic.Tracker.Peers;

/// <summary>
/// The 16 bits that a peer's entry has: 8 for the tick of its last announce, 7 for the tick at which partners were last told of it,
/// and whether it is paused. The ticks wrap around; entries are swept long before they could look young again.
/// </summary>
internal static class PeerAge
{
    /// <summary>Of <see cref="TrackerOptions.PeerTimeout"/>.</summary>
    public const int TimeoutTicksNormal = 64;

    /// <summary>The longest that peers are kept under load; half of what 8 bits tell apart.</summary>
    public const int TimeoutTicksMax = 2 * TimeoutTicksNormal;

    /// <summary>Nobody was there for so long: everything has expired, and the bits may have wrapped.</summary>
    public const int ExpireAllTicks = TimeoutTicksMax;

    private const int SharedShift = 8;
    private const int SharedMask = 0x7F;
    private const int PausedBit = 0x8000;

    public static ushort Pack(int announcedTick, int sharedTick, bool isPaused = false) =>
        (ushort)((announcedTick & 0xFF) | ((sharedTick & SharedMask) << SharedShift) | (isPaused ? PausedBit : 0));

    /// <summary>Ticks since the last announce.</summary>
    public static int TicksSinceAnnounce(ushort state, int nowTick) => (nowTick - state) & 0xFF;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsExpired(ushort state, in TrackerTime now) =>
        TicksSinceAnnounce(state, now.Tick) >= now.TimeoutTicks;

    /// <summary>Ticks since partners were told.</summary>
    public static int TicksSinceShared(ushort state, int nowTick) => (nowTick - (state >> SharedShift)) & SharedMask;

    public static int SharedTick(ushort state) => (state >> SharedShift) & SharedMask;

    /// <summary>A leech that wants nothing more (BEP 21).</summary>
    public static bool IsPaused(ushort state) => (state & PausedBit) != 0;
}
