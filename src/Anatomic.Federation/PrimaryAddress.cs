using Anatomic.Wire;
using Anatomic.Wire.Network;

namespace Anatomic.Federation;

/// <summary>
/// The one address of a member that counts: placement ranks it, polls must reach it, and requests to the member go to
/// it.
/// </summary>
internal static class PrimaryAddress
{
    public static Endpoint Of(NodeRecord record) => Of(record.Addresses);

    /// <summary>The first IPv4 address, else the first IPv6 address.</summary>
    public static Endpoint Of(IReadOnlyList<Endpoint> addresses)
    {
        Invariant.Holds(addresses.Count > 0);
        foreach (var address in addresses)
        {
            if (address.IsV4)
            {
                return address;
            }
        }
        return addresses[0];
    }
}
