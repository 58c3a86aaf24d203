using Anatomic.Tracker;
using Anatomic.Wire;

namespace Anatomic.Fuzz.Targets;

/// <summary>A new open tracker for each input, always the same one, so that an input breaks it alone or not at all.</summary>
internal static class TrackerUnderFire
{
    private static readonly TrackerOptions Options = new()
    {
        Open = true,
        AllowPrivate = true,
        MaxSwarms = 16,
        MaxPeers = 64,
        TrustedProxies = [System.Net.IPNetwork.Parse("10.0.0.0/8"), System.Net.IPNetwork.Parse("fd00::/8")],
    };

    public static TrackerService New() => new(Options, new StillClock(), new CountedEntropy());

    /// <summary>An asker of either family; every fourth is one of the proxies that are trusted.</summary>
    public static Endpoint Asker(int number) =>
        (number & 3) switch
        {
            0 => Endpoint.FromV4(0x5000_0000u + (uint)number, 6881),
            1 => new Endpoint(0x2A00_0000_0000_0000, (ulong)number, 6881),
            2 => Endpoint.FromV4(0x0A00_0000u + (uint)number, 6881),
            _ => Endpoint.FromV4(0xC0A8_0000u + (uint)number, 6881),
        };
}
