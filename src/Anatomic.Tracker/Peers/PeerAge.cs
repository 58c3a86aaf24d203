using System.Runtime.CompilerServices;

namespace Anatomic.Tracker.Peers;

/// <summary>
/// The 16-bit state of a peer: the tick of its last announce (8 bits), the tick at which it was last reported to
/// partners (7 bits), and whether it is paused. Ticks wrap around, but entries are swept long before they could look
/// young again.
/// </summary>
internal static class PeerAge
{
    /// <summary>The ticks of <see cref="Policy.TrackerOptions.PeerTimeout"/>.</summary>
    public const int TimeoutTicksNormal = 64;

    /// <summary>The longest timeout, under load: half of the range of 8 bits.</summary>
    public const int TimeoutTicksMax = 2 * TimeoutTicksNormal;

    /// <summary>
    /// After this many ticks without any operation, every peer has expired, and the tick bits may have wrapped.
    /// </summary>
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

    /// <summary>Ticks since the peer was last reported to partners.</summary>
    public static int TicksSinceShared(ushort state, int nowTick) => (nowTick - (state >> SharedShift)) & SharedMask;

    public static int SharedTick(ushort state) => (state >> SharedShift) & SharedMask;

    /// <summary>True for a partial seed: a leecher that downloads nothing more (BEP 21).</summary>
    public static bool IsPaused(ushort state) => (state & PausedBit) != 0;
}
