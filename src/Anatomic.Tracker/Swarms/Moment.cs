namespace Anatomic.Tracker.Swarms;

/// <summary>A time as the swarms see it.</summary>
/// <param name="Tick">Ticks since the start; <see cref="PeerAge.TicksOfTimeout"/> of them are a peer's life.</param>
/// <param name="Second">Whole seconds since the start.</param>
/// <param name="Microsecond">Whole microseconds since the start.</param>
internal readonly record struct Moment(int Tick, int Second, long Microsecond);

/// <summary>
/// The 16 bits that a peer's entry has for times: 8 for the tick of its last announce, 7 for the tick at which partners were last
/// told of it. Both wrap around; entries are swept long before they could look young again.
/// </summary>
internal static class PeerAge
{
    public const int TicksOfTimeout = 64;

    /// <summary>Nobody was there for so long: everything has expired, and the bits may have wrapped.</summary>
    public const int TicksOfSilence = 2 * TicksOfTimeout;

    private const int SharedShift = 8;
    private const int SharedMask = 0x7F;

    public static ushort Pack(int announcedTick, int sharedTick) =>
        (ushort)((announcedTick & 0xFF) | ((sharedTick & SharedMask) << SharedShift));

    /// <summary>Ticks since the last announce.</summary>
    public static int Of(ushort state, int nowTick) => (nowTick - state) & 0xFF;

    public static bool IsOver(ushort state, int nowTick) => Of(state, nowTick) >= TicksOfTimeout;

    /// <summary>Ticks since partners were told.</summary>
    public static int SinceShared(ushort state, int nowTick) => (nowTick - (state >> SharedShift)) & SharedMask;

    public static int SharedTick(ushort state) => state >> SharedShift;
}
