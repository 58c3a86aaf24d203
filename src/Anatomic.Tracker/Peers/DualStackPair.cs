using Anatomic.World;

namespace Anatomic.Tracker.Peers;

/// <summary>
/// Links an IPv6 entry to the IPv4 entry of the same client, which announces over both. Contains a 23-bit key of the
/// client, whether the IPv4 entry exists, and the low 8 bits of the tick of its last announce. While the IPv4 entry
/// exists, only that one is counted.
/// </summary>
internal readonly struct DualStackPair(uint bits)
{
    private const int KeyShift = 9;
    private const uint ThereBit = 0x100;

    private readonly uint bits = bits;

    /// <summary>0 if the client sent no <c>key</c>, or if a newer entry took it over.</summary>
    public uint Key => bits >> KeyShift;

    public bool IsPresent => (bits & ThereBit) != 0;

    public uint Bits => bits;

    /// <summary>A keyed hash of the client's <c>key</c> and port; never 0.</summary>
    public static uint ComputeKey(uint clientKey, int port, ulong seed) =>
        Math.Max(1, (uint)(SplitMix64.Mix(seed ^ ((ulong)clientKey << 16) ^ (uint)port) >> (32 + KeyShift)));

    public static DualStackPair FromKey(uint key) => new(key << KeyShift);

    public DualStackPair WithV4Seen(int tick) => new((bits & ~0xFFU) | ThereBit | (uint)(tick & 0xFF));

    public DualStackPair WithoutV4() => FromKey(Key);

    /// <summary>True if the IPv4 entry has expired.</summary>
    public bool IsExpired(in TrackerTime now) => IsPresent && ((now.Tick - bits) & 0xFF) >= now.TimeoutTicks;
}
