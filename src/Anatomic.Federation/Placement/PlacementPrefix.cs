using Anatomic.Wire;

namespace Anatomic.Federation.Placement;

/// <summary>
/// The network prefix that placement scores, since an id or a key must not buy a better place. On public networks it is
/// the /24 of the node's first IPv4 address, else the /48 of its first IPv6 address. On private networks it is that
/// address and port, so that several nodes on one machine count as several.
/// </summary>
/// <param name="High">Address bytes, as in <see cref="Endpoint"/>, cut to the prefix.</param>
/// <param name="Low">The rest of the address.</param>
/// <param name="Port">0 on public networks.</param>
public readonly record struct PlacementPrefix(ulong High, ulong Low, ushort Port) : IComparable<PlacementPrefix>
{
    /// <summary>Bytes of the written form: address and port.</summary>
    public const int Length = 18;

    /// <param name="addresses">The addresses of the node's record, at least one.</param>
    public static PlacementPrefix Of(IReadOnlyList<Endpoint> addresses, bool privateNetwork)
    {
        var first = PrimaryAddress.Of(addresses);
        if (privateNetwork)
        {
            return new PlacementPrefix(first.High, first.Low, first.Port);
        }
        return Cut(first);
    }

    /// <summary>The /24 or /48 of an address.</summary>
    public static PlacementPrefix Cut(Endpoint address) =>
        address.IsV4
            ? new PlacementPrefix(address.High, address.Low & ~0xFFUL, 0)
            : new PlacementPrefix(address.High & 0xFFFF_FFFF_FFFF_0000, 0, 0);

    /// <summary>Writes 16 bytes of address (IPv4 as IPv4-mapped IPv6) and 2 bytes of port.</summary>
    public void CopyTo(Span<byte> into)
    {
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(into, High);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(into[8..], Low);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(into[16..], Port);
    }

    public int CompareTo(PlacementPrefix other)
    {
        var byHigh = High.CompareTo(other.High);
        if (byHigh != 0)
        {
            return byHigh;
        }
        var byLow = Low.CompareTo(other.Low);
        return byLow != 0 ? byLow : Port.CompareTo(other.Port);
    }

    public static bool operator <(PlacementPrefix left, PlacementPrefix right) => left.CompareTo(right) < 0;

    public static bool operator >(PlacementPrefix left, PlacementPrefix right) => left.CompareTo(right) > 0;

    public static bool operator <=(PlacementPrefix left, PlacementPrefix right) => left.CompareTo(right) <= 0;

    public static bool operator >=(PlacementPrefix left, PlacementPrefix right) => left.CompareTo(right) >= 0;
}
