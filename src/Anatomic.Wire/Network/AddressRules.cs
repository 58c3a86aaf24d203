namespace Anatomic.Wire.Network;

/// <summary>
/// Which addresses we connect to or share (IANA's registries of special-purpose addresses, RFC 6890).
/// </summary>
public static class AddressRules
{
    private const int MinSharedPort = 1024;

    // Network, prefix length.
    private static readonly (uint Net, int Bits)[] SpecialV4 =
    [
        (0x00000000, 8), // this network
        (0x0A000000, 8), // private
        (0x64400000, 10), // carrier-grade NAT
        (0x7F000000, 8), // loopback
        (0xA9FE0000, 16), // link-local
        (0xAC100000, 12), // private
        (0xC0000000, 24), // IETF protocol assignments
        (0xC0000200, 24), // documentation
        (0xC0586300, 24), // 6to4 relays
        (0xC0A80000, 16), // private
        (0xC6120000, 15), // benchmarks
        (0xC6336400, 24), // documentation
        (0xCB007100, 24), // documentation
        (0xE0000000, 4), // multicast
        (0xF0000000, 4), // reserved, broadcast
    ];

    /// <summary>Whether the address can belong to a machine on the public Internet.</summary>
    public static bool IsPublic(in Endpoint endpoint)
    {
        if (endpoint.IsV4)
        {
            var address = endpoint.V4;
            foreach (var (net, bits) in SpecialV4)
            {
                if ((address ^ net) >> (32 - bits) == 0)
                {
                    return false;
                }
            }
            return true;
        }
        // Only 2000::/3 is assigned. Of it we exclude Teredo and other protocol assignments (2001::/23), documentation
        // and 6to4.
        var high = endpoint.High;
        return high >> 61 == 1
            && high >> 41 != 0x2001_0000UL >> 9
            && high >> 32 != 0x2001_0DB8UL
            && high >> 48 != 0x2002
            && high >> 44 != 0x3FFF_0UL;
    }

    /// <summary>
    /// Whether a connection can go to the address: it is not unspecified, multicast or broadcast, and has a port.
    /// </summary>
    public static bool IsUnicast(in Endpoint endpoint)
    {
        if (endpoint.Port == 0)
        {
            return false;
        }
        return endpoint.IsV4
            ? endpoint.V4 >> 24 is not 0 and < 224
            : endpoint.High >> 56 != 0xFF && (endpoint.High | endpoint.Low) != 0;
    }

    /// <summary>
    /// Whether a peer's address may be shared: a public one (any unicast one in private networks) with a port from
    /// 1024.
    /// </summary>
    public static bool MayShare(in Endpoint endpoint, bool allowPrivate) =>
        endpoint.Port >= MinSharedPort && IsUnicast(endpoint) && (allowPrivate || IsPublic(endpoint));

    /// <summary>
    /// The network that one organisation usually owns: the /24 of IPv4, the /48 of IPv6; with port 0.
    /// </summary>
    public static Endpoint PrefixOf(in Endpoint endpoint) =>
        endpoint.IsV4
            ? Endpoint.FromV4(endpoint.V4 & 0xFFFF_FF00, 0)
            : new Endpoint(endpoint.High & 0xFFFF_FFFF_FFFF_0000, 0, 0);
}
